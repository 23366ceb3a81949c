#pragma once
// Products with a sparse matrix over Float arrays. Their plain twins are in
// Tensors/Kernels/SparseKernels.swift.
//
// The dense matrix is taken in panels of up to panel_rows rows, each transposed: [columns, width],
// where width is the number of rows, rounded up to whole vectors, and what is behind the rows is 0.
// So a number of the sparse matrix is one factor for a run of vectors.
#include <stdint.h>

/// Where the numbers of a sparse matrix lie, row after row: those of row r are number starts[r] to
/// starts[r + 1], at columns that grow.
typedef struct {
  const long *starts;
  const int32_t *columns;
} nn_sparse_pattern;

/// Some rows of a sparse matrix, and what becomes of their products with a panel.
typedef struct {
  nn_sparse_pattern pattern;
  /// Of the whole sparse matrix.
  const float *values;
  long first_row, end_row;
  /// [rows, rows of the sparse matrix]; bias, which may be missing, has one number for each of the
  /// latter.
  float *output;
  long output_stride;
  const float *bias;
  int rectifies;
} nn_sparse_product;

typedef struct {
  /// Name of the instruction set: "sse2", "avx2", "avx512".
  const char *name;
  /// Numbers in a vector, and the most rows of a panel.
  long vector_width, panel_rows;
  /// Stores where the numbers are that are not 0, in order, unless places is missing; returns how
  /// many there are.
  long (*find_nonzeros)(const float *values, long count, int32_t *places);
  /// Transposes columns first_column to end_column of a matrix [rows, columns] into a panel.
  void (*pack)(const float *matrix, long stride, long rows, long first_column, long end_column,
               float *panel);
  /// gathered[i] = values[places[i]]
  void (*gather)(const float *values, const int32_t *places, long count, float *gathered);
  /// output = panel^T sparse^T + bias, then max(output, 0) when rectifies
  void (*multiply)(const nn_sparse_product *product, const float *panel, long rows);
  /// gradient[r, c] = sum over the panel's rows of slope[r] input[c], or += when adds, for the
  /// places of the pattern within some rows; both factors are panels, gradient is a dense matrix.
  void (*multiply_at)(const nn_sparse_pattern *pattern, long first_row, long end_row,
                      const float *slopes, const float *inputs, long rows, float *gradient,
                      long stride, int adds);
} nn_sparse_kernels;

/// The fastest kernels that this processor runs.
const nn_sparse_kernels *nn_sparse_kernels_best(void);

/// All that this processor runs, slowest first; returns how many were stored (at most 3).
int nn_sparse_kernels_available(const nn_sparse_kernels *kernels[3]);
