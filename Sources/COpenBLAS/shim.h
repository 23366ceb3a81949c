#pragma once
#include <cblas.h>

int blas_thread_shutdown_(void) __attribute__((weak));

/// Ends the threads that the library started when it was loaded: they would spin for a tenth of a
/// second, waiting for work. The serial build of the library has none.
static inline void nn_blas_end_threads(void) {
  if (blas_thread_shutdown_) blas_thread_shutdown_();
}
