#include "Layers.h"

#include <string.h>

#define KERNELS nn_layer_kernels
#define BODY "layers_body.h"
#include "levels.h"
