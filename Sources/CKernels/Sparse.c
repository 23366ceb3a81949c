#include "Sparse.h"

#include <stdint.h>

// Vectors of a panel: as many sums as have to be under way at the same time.
#define VECTORS_MAX 8

#define KERNELS nn_sparse_kernels
#define BODY "sparse_body.h"
#include "levels.h"
