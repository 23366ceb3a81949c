// One level of levels.h: vectors of W numbers, and what BODY makes of them.
#pragma clang attribute push(__attribute__((target(TARGET))), apply_to = function)

// aligned(4) and so on: plain loads and stores are unaligned ones.
typedef float FN(vf) __attribute__((ext_vector_type(W), aligned(4)));
typedef int FN(vi) __attribute__((ext_vector_type(W), aligned(4)));
typedef uint8_t FN(vb) __attribute__((ext_vector_type(W), aligned(1)));
typedef double FN(vd) __attribute__((ext_vector_type(W), aligned(8)));
#define vf FN(vf)
#define vi FN(vi)
#define vb FN(vb)
#define vd FN(vd)
#define LOAD(p) (*(const vf *)(p))
#define STORE(p) (*(vf *)(p))

#include BODY

#undef vf
#undef vi
#undef vb
#undef vd
#undef LOAD
#undef STORE
#pragma clang attribute pop
