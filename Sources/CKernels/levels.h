// Compiles the functions of the file BODY once per instruction set, and exports the tables of them,
// of the type KERNELS, as KERNELS_best and KERNELS_available. BODY defines the table FN(kernels); W
// is the width of its vectors, and LEVEL the name of its instruction set.
#pragma clang fp contract(fast)

#define INLINE static inline __attribute__((always_inline))

#define TARGET "sse2"
#define LEVEL "sse2"
#define W 4
#define FN(x) x##_sse2
#include "level.h"
#undef TARGET
#undef LEVEL
#undef W
#undef FN

#define TARGET "avx2,fma"
#define LEVEL "avx2"
#define W 8
#define FN(x) x##_avx2
#include "level.h"
#undef TARGET
#undef LEVEL
#undef W
#undef FN

#define TARGET "avx512f,avx512vl,avx512bw,avx512dq,avx2,fma,evex512"
#define LEVEL "avx512"
#define W 16
#define FN(x) x##_avx512
#include "level.h"

#define JOIN_NAMES(a, b) a##b
#define JOIN(a, b) JOIN_NAMES(a, b)

int JOIN(KERNELS, _available)(const KERNELS *kernels[3]) {
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

static const KERNELS *best;

__attribute__((constructor)) static void choose(void) {
  const KERNELS *available[3];
  best = available[JOIN(KERNELS, _available)(available) - 1];
}

const KERNELS *JOIN(KERNELS, _best)(void) { return best; }
