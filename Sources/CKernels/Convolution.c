#include "Convolution.h"

#include <string.h>

#pragma clang fp contract(fast)

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

// Pixels that a weight gradient sums in registers before it adds them to memory: their input and
// output should stay in the first-level cache, while the sums go through the weights.
enum { CHUNK_MAX = 256, CHUNK_MIN = 32, CHUNK_SCALARS = 8192 };

// PIXELS is how many sums of one vector the registers hold beside what they are made of, ROWS
// the same for weight gradients.
#define TARGET "sse2"
#define LEVEL "sse2"
#define W 4
#define PIXELS 12
#define SMALL 4
#define ROWS 12
#define FN(x) x##_sse2
#include "convolution_body.h"
#undef TARGET
#undef LEVEL
#undef W
#undef FN

#define TARGET "avx2,fma"
#define LEVEL "avx2"
#define W 8
#define FN(x) x##_avx2
#include "convolution_body.h"
#undef TARGET
#undef LEVEL
#undef W
#undef PIXELS
#undef SMALL
#undef ROWS
#undef FN

#define TARGET "avx512f,avx512vl,avx512bw,avx512dq,avx2,fma,evex512"
#define LEVEL "avx512"
#define W 16
#define PIXELS 28
#define SMALL 8
#define ROWS 24
#define FN(x) x##_avx512
#include "convolution_body.h"

int nn_convolution_kernels_available(const nn_convolution_kernels *kernels[3]) {
  int count = 0;
  __builtin_cpu_init();
  kernels[count++] = &convolution_kernels_sse2;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    kernels[count++] = &convolution_kernels_avx2;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
    kernels[count++] = &convolution_kernels_avx512;
  return count;
}

static const nn_convolution_kernels *best;

__attribute__((constructor)) static void choose(void) {
  const nn_convolution_kernels *available[3];
  best = available[nn_convolution_kernels_available(available) - 1];
}

const nn_convolution_kernels *nn_convolution_kernels_best(void) { return best; }
