#pragma once
// Loops of activations, normalisations and pooling over Float arrays, compiled once per instruction
// set and chosen at start. Their plain twins are in Tensors/Kernels.
#include <stdint.h>

/// A function applied to every number by itself, and its gradient; `a` and `b` are its settings.
typedef struct {
  /// y = f(x); x and y may be the same array
  void (*apply)(const float *x, float *y, long count, float a, float b);
  /// dy *= f'; kept is the output where f' can be had from it, else the input
  void (*gradient)(const float *kept, float *dy, long count, float a, float b);
} nn_activation;

/// What a pool does to an image [height, width, channels].
typedef struct {
  long height, width, channels, out_height, out_width;
  long kernel_height, kernel_width, stride_height, stride_width, padding_height, padding_width;
} nn_pool_shape;

/// y = x * factor + offset, column by column, then max(y, 0) when rectifies.
typedef struct {
  const float *factor, *offset;
  int rectifies;
} nn_affine;

typedef struct {
  /// Name of the instruction set: "sse2", "avx2", "avx512".
  const char *name;

  /// Kept: the output for tanh, sigmoid, leaky (a: slope), clipped and threshold (a: shift, b:
  /// maximum); the input for silu, gelu and gelu_tanh (the approximation by tanh).
  nn_activation tanh, sigmoid, leaky, clipped, threshold, silu, gelu, gelu_tanh;
  /// y = x > 0 ? x : slope * x, with a slope for each column
  void (*prelu)(const float *x, float *y, long rows, long columns, const float *slopes);
  /// Makes dy the gradient of x, and stores that of the slopes.
  void (*prelu_gradient)(const float *x, float *dy, long rows, long columns, const float *slopes,
                         float *slope_gradient);
  /// y = exp(x) / sum of exp(x), row by row; x and y may be the same array
  void (*softmax)(const float *x, float *y, long rows, long columns);
  void (*softmax_gradient)(const float *y, float *dy, long rows, long columns);
  /// kept[i] = 0 where number first + i of the random sequence of `key` is below the limit, else 1
  void (*choose_kept)(uint64_t key, long first, long count, uint32_t limit, uint8_t *kept);
  /// y = x * scale where kept is not 0, else 0; x and y may be the same array
  void (*drop)(const float *x, float *y, const uint8_t *kept, long count, float scale);

  /// The mean of each column and its sum of squared distances from it.
  void (*moments)(const float *x, long rows, long columns, float *mean, float *squares);
  void (*affine)(const float *x, float *y, long rows, long columns, nn_affine map);
  /// sums = the column sums of dy, products = those of dy * (x - mean), with dy = 0 where `map`
  /// rectified.
  void (*affine_sums)(const float *x, const float *dy, long rows, long columns, nn_affine map,
                      const float *mean, float *sums, float *products);
  /// dy = p * dy + q * x + r, column by column, with dy = 0 before where `map` rectified; pqr is
  /// [3, columns].
  void (*affine_gradient)(const float *x, float *dy, long rows, long columns, nn_affine map,
                          const float *pqr);
  /// y = (x - mean) * scale * gain + shift, row by row; moments takes mean and scale of each row:
  /// [rows, 2]
  void (*layer_norm)(const float *x, float *y, long rows, long columns, const float *gain,
                     const float *shift, float epsilon, float *moments);
  /// Makes dy the gradient of x, and adds to those of gain and shift.
  void (*layer_norm_gradient)(const float *x, float *dy, long rows, long columns,
                              const float *gain, const float *moments, float *gain_gradient,
                              float *shift_gradient);

  /// which[i]: the place within the window, row by row, of the largest number
  void (*max_pool)(const nn_pool_shape *shape, const float *x, float *y, uint8_t *which);
  void (*max_pool_gradient)(const nn_pool_shape *shape, const float *dy, const uint8_t *which,
                            float *dx);
  void (*average_pool)(const nn_pool_shape *shape, const float *x, float *y);
  void (*average_pool_gradient)(const nn_pool_shape *shape, const float *dy, float *dx);
  /// y [columns, rows] = x [rows, columns] transposed
  void (*transpose)(const float *x, float *y, long rows, long columns);
} nn_layer_kernels;

/// The fastest kernels that this processor runs.
const nn_layer_kernels *nn_layer_kernels_best(void);

/// All that this processor runs, slowest first; returns how many were stored (at most 3).
int nn_layer_kernels_available(const nn_layer_kernels *kernels[3]);
