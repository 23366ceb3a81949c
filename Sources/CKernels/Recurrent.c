#include "Recurrent.h"

#pragma clang fp contract(fast)

// TILE: rows whose sums, two vectors each, fit into the registers.
#define TARGET "sse2"
#define LEVEL "sse2"
#define W 4
#define TILE 6
#define FN(x) x##_sse2
#include "recurrent_body.h"
#undef TARGET
#undef LEVEL
#undef W
#undef TILE
#undef FN

#define TARGET "avx2,fma"
#define LEVEL "avx2"
#define W 8
#define TILE 6
#define FN(x) x##_avx2
#include "recurrent_body.h"
#undef TARGET
#undef LEVEL
#undef W
#undef TILE
#undef FN

#define TARGET "avx512f,avx512vl,avx512bw,avx512dq,avx2,fma,evex512"
#define LEVEL "avx512"
#define W 16
#define TILE 13
#define FN(x) x##_avx512
#include "recurrent_body.h"

int nn_recurrent_available(const nn_recurrent_kernels *kernels[3]) {
  int count = 0;
  __builtin_cpu_init();
  kernels[count++] = &kernels_sse2;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    kernels[count++] = &kernels_avx2;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
    kernels[count++] = &kernels_avx512;
  return count;
}

static const nn_recurrent_kernels *best;

__attribute__((constructor)) static void choose_best(void) {
  const nn_recurrent_kernels *available[3];
  best = available[nn_recurrent_available(available) - 1];
}

const nn_recurrent_kernels *nn_recurrent_best(void) { return best; }

unsigned nn_flush_subnormals(void) {
  unsigned mode = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(mode | 0x8040);  // results, and operands
  return mode;
}

void nn_restore_subnormals(unsigned mode) { __builtin_ia32_ldmxcsr(mode); }
