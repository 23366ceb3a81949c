#pragma once
// Convolutions over Float images with the channels last, compiled once per instruction set.
//
// A convolution is a list of groups: all output pixels that see the same taps of the kernel, so
// that padding, stride and dilation cost no multiplication with zero. A pixel of a group is the
// sum of runs: stretches of the input that lie without a gap in memory and meet as many rows of
// the weights. The gradient of the input is such a list too, with the channels exchanged.
#include <stdint.h>

/// A stretch of input scalars; neighbouring taps in a row are one run when nothing lies between.
typedef struct {
  /// first input scalar, counted from the pixel's
  int64_t input;
  /// first row of the packed weights
  int64_t row;
  /// scalars, and rows
  int64_t length;
} nn_convolution_run;

/// The output pixels of an image that see the same runs.
typedef struct {
  int64_t pixel_count;
  /// per pixel, where its input and its output begin, in scalars from the image's first
  const int32_t *inputs;
  const int32_t *outputs;
  int64_t run_count;
  const nn_convolution_run *runs;
} nn_convolution_group;

typedef struct {
  int64_t group_count;
  const nn_convolution_group *groups;
  /// scalars from one image to the next
  int64_t input_size;
  int64_t output_size;
  /// rows of the packed weights: taps * input channels; for depthwise ones the taps
  int64_t rows;
  /// output channels
  int64_t columns;
} nn_convolution_plan;

/// Weights as the caller stores them: row (tap, channel) and column c are at
/// tap * tap_stride + channel * channel_stride + c * column_stride.
typedef struct {
  int64_t taps;
  int64_t channels;
  int64_t columns;
  int64_t tap_stride;
  int64_t channel_stride;
  int64_t column_stride;
} nn_convolution_weights;

/// All functions may run at the same time on different images and want no memory.
typedef struct {
  /// Name of the instruction set: "sse2", "avx2", "avx512".
  const char *name;
  /// Output channels come in blocks of this many, the last one filled up with zeros: packed
  /// weights take rows * (columns rounded up) scalars.
  int64_t column_multiple;
  /// packed = weights, [block][tap * channels + channel][column of the block]
  void (*pack)(const nn_convolution_weights *shape, const float *weights, float *packed);
  /// weights = packed
  void (*unpack)(const nn_convolution_weights *shape, const float *packed, float *weights);
  /// output = bias + the convolution of the input; bias is [columns], or NULL for zeros
  void (*convolve)(const nn_convolution_plan *plan, int64_t images, const float *input,
                   const float *packed, const float *bias, float *output);
  /// gradient += the gradient of the packed weights; it is packed as they are
  void (*add_weight_gradient)(const nn_convolution_plan *plan, int64_t images,
                              const float *input, const float *output_gradient,
                              float *gradient);
  /// As convolve, where each channel meets only its own weights; a run is one tap
  void (*convolve_depthwise)(const nn_convolution_plan *plan, int64_t images,
                             const float *input, const float *packed, const float *bias,
                             float *output);
  /// As add_weight_gradient, where each channel meets only its own weights
  void (*add_depthwise_weight_gradient)(const nn_convolution_plan *plan, int64_t images,
                                        const float *input, const float *output_gradient,
                                        float *gradient);
} nn_convolution_kernels;

/// The fastest kernels that this processor runs.
const nn_convolution_kernels *nn_convolution_kernels_best(void);

/// All that this processor runs, slowest first; returns how many were stored (at most 3).
int nn_convolution_kernels_available(const nn_convolution_kernels *kernels[3]);
