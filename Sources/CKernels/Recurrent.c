#include "Recurrent.h"

#include <stdint.h>

// Rows whose sums, two vectors each, fit into the registers.
#define TILE (W == 16 ? 13 : 6)

#define KERNELS nn_recurrent_kernels
#define BODY "recurrent_body.h"
#include "levels.h"

unsigned nn_flush_subnormals(void) {
  unsigned mode = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(mode | 0x8040);  // results, and operands
  return mode;
}

void nn_restore_subnormals(unsigned mode) { __builtin_ia32_ldmxcsr(mode); }
