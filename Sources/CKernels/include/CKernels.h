#pragma once
// Elementwise loops over Float arrays, compiled once per instruction set and chosen at start.
// Every loop has a plain twin in Swift (Tensors/TensorScalar.swift) that the tests compare with.
#include <stdint.h>

#include "Checksum.h"
#include "Optimizers.h"
#include "Convolution.h"
#include "Layers.h"
#include "Recurrent.h"
#include "Sparse.h"

typedef struct {
  /// Name of the instruction set: "sse2", "avx2", "avx512".
  const char *name;
  /// y = max(x, 0); NaN stays NaN
  void (*rectify)(const float *x, float *y, long count);
  /// dx = dy where y > 0, else 0
  void (*rectify_gradient)(const float *y, const float *dy, float *dx, long count);
  /// sums[c] += sum over r of x[r, c]; x is [rows, columns]
  void (*add_rows)(const float *x, long rows, long columns, float *sums);
  /// sum of x * x
  double (*sum_of_squares)(const float *x, long count);
  /// counts[c] += how many of x[r, c] are not 0; x is [rows, columns]
  void (*count_nonzeros)(const float *x, long rows, long columns, float *counts);
  /// x *= factor
  void (*multiply)(float *x, const float *factor, long count);
  /// y += x, then max(y, 0) when rectifies
  void (*add)(const float *x, float *y, long count, int rectifies);
  /// y = x * scale + offset
  void (*convert_bytes)(const uint8_t *x, float *y, long count, float scale, float offset);
} nn_kernels;

/// The fastest kernels that this processor runs.
const nn_kernels *nn_kernels_best(void);

/// All that this processor runs, slowest first; returns how many were stored (at most 3).
int nn_kernels_available(const nn_kernels *kernels[3]);
