#pragma once
// One pass of an optimizer over its arrays, compiled once per instruction set and chosen at start.
// The plain twins, with the papers, are in Tensors/Kernels/OptimizerKernels.swift.

/// What a pass goes through; every array has `count` numbers. Moments that a method has none of
/// are NULL.
typedef struct {
  float *weights;
  const float *gradients;
  float *moments[3];
} nn_step_arrays;

/// Stochastic gradient descent; `moments[0]` is the velocity, NULL: no momentum.
typedef struct {
  float rate, momentum, decay;
  int is_nesterov;
} nn_sgd_step;

/// Adam and AdamW; `moments` are the means of the gradient and of its square.
typedef struct {
  /// rest = 1 - beta
  float rate, beta1, rest1, beta2, rest2, epsilon;
  /// Weight decay within the gradient, and what decay apart from it leaves of a weight.
  float decay, kept;
  /// 1 / (1 - beta^t)
  float scale1, scale2;
} nn_adam_step;

/// RMSprop; `moments` are the mean of the gradient's square, the gradient's own mean (NULL: not
/// centered) and the velocity (NULL: no momentum).
typedef struct {
  /// rest = 1 - alpha
  float rate, alpha, rest, epsilon, momentum, decay;
} nn_rmsprop_step;

/// Lion; `moments[0]` is the mean of the gradient.
typedef struct {
  /// rest = 1 - beta; kept: what decay leaves of a weight
  float rate, beta1, rest1, beta2, rest2, kept;
} nn_lion_step;

typedef struct {
  /// Name of the instruction set: "sse2", "avx2", "avx512".
  const char *name;
  void (*sgd)(nn_step_arrays arrays, long count, nn_sgd_step step);
  void (*adam)(nn_step_arrays arrays, long count, nn_adam_step step);
  void (*rmsprop)(nn_step_arrays arrays, long count, nn_rmsprop_step step);
  void (*lion)(nn_step_arrays arrays, long count, nn_lion_step step);
  /// average += (x - average) * fraction
  void (*interpolate)(float *average, const float *x, long count, float fraction);
  /// x = min(max(x, -bound), bound); NaN stays NaN
  void (*clamp)(float *x, long count, float bound);
} nn_optimizer_kernels;

/// The fastest kernels that this processor runs.
const nn_optimizer_kernels *nn_optimizer_kernels_best(void);

/// All that this processor runs, slowest first; returns how many were stored (at most 3).
int nn_optimizer_kernels_available(const nn_optimizer_kernels *kernels[3]);
