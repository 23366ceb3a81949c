#include "Optimizers.h"

#include <string.h>

#pragma clang fp contract(fast)

#define TARGET "sse2"
#define LEVEL "sse2"
#define W 4
#define FN(x) x##_sse2
#include "optimizers.h"
#undef TARGET
#undef LEVEL
#undef W
#undef FN

#define TARGET "avx2,fma"
#define LEVEL "avx2"
#define W 8
#define FN(x) x##_avx2
#include "optimizers.h"
#undef TARGET
#undef LEVEL
#undef W
#undef FN

#define TARGET "avx512f,avx512vl,avx512bw,avx512dq,avx2,fma,evex512"
#define LEVEL "avx512"
#define W 16
#define FN(x) x##_avx512
#include "optimizers.h"

int nn_optimizer_kernels_available(const nn_optimizer_kernels *kernels[3]) {
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

static const nn_optimizer_kernels *best;

__attribute__((constructor)) static void choose(void) {
  const nn_optimizer_kernels *available[3];
  best = available[nn_optimizer_kernels_available(available) - 1];
}

const nn_optimizer_kernels *nn_optimizer_kernels_best(void) { return best; }
