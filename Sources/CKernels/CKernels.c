#include "CKernels.h"

#define KERNELS nn_kernels
#define BODY "body.h"
#include "levels.h"
