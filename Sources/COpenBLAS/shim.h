#pragma once
#include <cblas.h>
#include <stdlib.h>

int blas_thread_shutdown_(void) __attribute__((weak));
void gotoblas_dynamic_init(void) __attribute__((weak));
void gotoblas_dynamic_quit(void) __attribute__((weak));

/// Ends the threads that the library started when it was loaded: they would spin for a tenth of a
/// second, waiting for work. The serial build of the library has none.
static inline void nn_blas_end_threads(void) {
  if (blas_thread_shutdown_) blas_thread_shutdown_();
}

/// Lets the library compute with the kernels of a processor of this name ("SkylakeX"): one that is
/// newer than the library gets the oldest kernels there are. To be called before any product;
/// builds for a single processor have no choice.
static inline void nn_blas_choose_core(const char *name) {
  if (!gotoblas_dynamic_init || !gotoblas_dynamic_quit) return;
  setenv("OPENBLAS_CORETYPE", name, 1);
  gotoblas_dynamic_quit();
  gotoblas_dynamic_init();
}
