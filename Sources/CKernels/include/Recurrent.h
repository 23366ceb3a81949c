#pragma once
// The loops of recurrent layers over Float arrays: products with a small packed matrix, and the
// gates of one step. Their plain twins are in Tensors/Kernels/PackedKernels.swift and
// RecurrentKernels.swift.

/// One step of some rows. Gates are [rows, gates of the cell, units] without gaps, memories and
/// gradients [rows, units]; rows of the states are state_stride apart.
typedef struct {
  long rows, units, state_stride;
  /// Before the step what goes into the gates; behind it the gates; behind the backward step the
  /// gradients of what went in.
  float *gates;
  const float *state;
  float *next_state;
  /// The LSTM's cell state; other cells have none.
  const float *memory;
  float *next_memory;
  /// Before the backward step the gradient of next_state; behind it what of it reaches state
  /// without passing through the gates.
  float *state_gradient;
  /// Before the backward step the gradient of next_memory that comes from later steps; behind it
  /// that of memory.
  float *memory_gradient;
} nn_recurrent_step;

typedef struct {
  const char *name;
  /// Columns of a packed matrix that lie side by side; the last ones are filled up with zeros.
  long panel_columns;
  /// Packs b, where b[k, j] is b[k * inner_stride + j * column_stride], panel by panel.
  void (*pack)(const float *b, long inner_stride, long column_stride, long inner, long columns,
               float *packed);
  /// c = a b, or c += a b; a is [rows, inner], b packed [inner, columns].
  void (*multiply_packed)(const float *a, long a_stride, const float *packed, float *c,
                          long c_stride, long rows, long inner, long columns, int adds);
  /// c = a^T b; a is [inner, rows], b is [inner, columns].
  void (*multiply_transposed)(const float *a, long a_stride, const float *b, long b_stride,
                              float *c, long c_stride, long rows, long inner, long columns);
  void (*rnn_tanh)(const nn_recurrent_step *step);
  void (*rnn_tanh_gradient)(const nn_recurrent_step *step);
  void (*rnn_relu)(const nn_recurrent_step *step);
  void (*rnn_relu_gradient)(const nn_recurrent_step *step);
  void (*lstm)(const nn_recurrent_step *step);
  void (*lstm_gradient)(const nn_recurrent_step *step);
  void (*gru)(const nn_recurrent_step *step);
  void (*gru_gradient)(const nn_recurrent_step *step);
} nn_recurrent_kernels;

/// The fastest kernels that this processor runs.
const nn_recurrent_kernels *nn_recurrent_kernels_best(void);

/// All that this processor runs, slowest first; returns how many were stored (at most 3).
int nn_recurrent_kernels_available(const nn_recurrent_kernels *kernels[3]);

/// Lets this thread count subnormal numbers as 0; returns what `nn_restore_subnormals` takes.
unsigned nn_flush_subnormals(void);
void nn_restore_subnormals(unsigned mode);
