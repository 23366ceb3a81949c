#include "Optimizers.h"

#include <stdint.h>
#include <string.h>

#define KERNELS nn_optimizer_kernels
#define BODY "optimizers.h"
#include "levels.h"
