#include "Convolution.h"

#include <string.h>

#define UNROLL _Pragma("clang loop unroll(full)")

// Pixels that a weight gradient sums in registers before it adds them to memory: their input and
// output should stay in the first-level cache, while the sums go through the weights.
enum { CHUNK_MAX = 256, CHUNK_MIN = 32, CHUNK_SCALARS = 8192 };

// How many sums of one vector the registers hold beside what they are made of, for pixels and for
// weight gradients.
#define PIXELS (W == 16 ? 28 : 12)
#define SMALL (W == 16 ? 8 : 4)
#define ROWS (W == 16 ? 24 : 12)

#define KERNELS nn_convolution_kernels
#define BODY "convolution_body.h"
#include "levels.h"
