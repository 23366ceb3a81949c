// One level of Layers.c, see levels.h.

#include "partial.h"
#include "transcendental.h"

#include "activations.h"
#include "normalization.h"
#include "pooling.h"

static const nn_layer_kernels FN(kernels) = {
    .name = LEVEL,
    .tanh = {FN(tanh_apply), FN(tanh_gradient)},
    .sigmoid = {FN(sigmoid_apply), FN(sigmoid_gradient)},
    .leaky = {FN(leaky_apply), FN(leaky_gradient)},
    .clipped = {FN(clipped_apply), FN(clipped_gradient)},
    .threshold = {FN(threshold_apply), FN(threshold_gradient)},
    .silu = {FN(silu_apply), FN(silu_gradient)},
    .gelu = {FN(gelu_apply), FN(gelu_gradient)},
    .gelu_tanh = {FN(gelu_tanh_apply), FN(gelu_tanh_gradient)},
    .prelu = FN(prelu),
    .prelu_gradient = FN(prelu_gradient),
    .softmax = FN(softmax),
    .softmax_gradient = FN(softmax_gradient),
    .choose_kept = FN(choose_kept),
    .drop = FN(drop),
    .moments = FN(moments),
    .affine = FN(affine),
    .affine_sums = FN(affine_sums),
    .affine_gradient = FN(affine_gradient),
    .layer_norm = FN(layer_norm),
    .layer_norm_gradient = FN(layer_norm_gradient),
    .max_pool = FN(max_pool),
    .max_pool_gradient = FN(max_pool_gradient),
    .average_pool = FN(average_pool),
    .average_pool_gradient = FN(average_pool_gradient),
    .transpose = FN(transpose),
};
