// One level of Sparse.c, see levels.h.

#include "partial.h"

#define UNROLL _Pragma("unroll")

// Lanes of two vectors whose numbers differ in one bit: where the first vector's have it clear
// (LOW) or set (HIGH), and beside them the second vector's.
#if W == 4
#define LOW1 0, 4, 2, 6
#define HIGH1 1, 5, 3, 7
#define LOW2 0, 1, 4, 5
#define HIGH2 2, 3, 6, 7
#elif W == 8
#define LOW1 0, 8, 2, 10, 4, 12, 6, 14
#define HIGH1 1, 9, 3, 11, 5, 13, 7, 15
#define LOW2 0, 1, 8, 9, 4, 5, 12, 13
#define HIGH2 2, 3, 10, 11, 6, 7, 14, 15
#define LOW4 0, 1, 2, 3, 8, 9, 10, 11
#define HIGH4 4, 5, 6, 7, 12, 13, 14, 15
#else
#define LOW1 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30
#define HIGH1 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31
#define LOW2 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define HIGH2 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#define LOW4 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27
#define HIGH4 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31
#define LOW8 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define HIGH8 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31
#endif
#define PAIR(a, b, lanes) __builtin_shufflevector(a, b, lanes)

#define SWAP(s)                                             \
  UNROLL for (int i = 0; i < W; i++) if (!(i & s)) {        \
    vf low = PAIR(t[i], t[i + s], LOW##s);                  \
    t[i + s] = PAIR(t[i], t[i + s], HIGH##s);               \
    t[i] = low;                                             \
  }

/// Exchanges rows and columns of W vectors.
INLINE void FN(exchange)(vf *t) {
  SWAP(1)
  SWAP(2)
#if W > 4
  SWAP(4)
#endif
#if W > 8
  SWAP(8)
#endif
}
#undef SWAP

#define FOLD(s)                       \
  UNROLL for (int i = 0; i < s; i++)  \
    t[i] = PAIR(t[i], t[i + s], LOW##s) + PAIR(t[i], t[i + s], HIGH##s);

/// The sums of W vectors.
INLINE vf FN(sums)(vf *t) {
#if W > 8
  FOLD(8)
#endif
#if W > 4
  FOLD(4)
#endif
  FOLD(2)
  FOLD(1)
  return t[0];
}
#undef FOLD

static long FN(find_nonzeros)(const float *values, long count, int32_t *places) {
  long found = 0;
  if (!places) {
    for (long i = 0; i < count; i++) found += values[i] != 0;
    return found;
  }
  // Stored always, but kept only where it counts: which are 0 cannot be guessed. The last place may
  // not be written to in vain.
  long last = count;
  while (last > 0 && values[last - 1] == 0) last--;
  for (long i = 0; i < last; i++) {
    places[found] = (int32_t)i;
    found += values[i] != 0;
  }
  return found;
}

static void FN(pack)(const float *matrix, long stride, long rows, long first_column,
                     long end_column, float *panel) {
  long width = (rows + W - 1) / W * W;
  for (long c = first_column; c < end_column; c += W) {
    long columns = end_column - c < W ? end_column - c : W;
    for (long first = 0; first < rows; first += W) {
      const float *corner = matrix + first * stride + c;
      float *to = panel + c * width + first;
      vf t[W];
      if (columns == W && rows - first >= W) {
        UNROLL for (int r = 0; r < W; r++) t[r] = LOAD(corner + r * stride);
        FN(exchange)(t);
        UNROLL for (int j = 0; j < W; j++) STORE(to + j * width) = t[j];
      } else {
        for (int r = 0; r < W; r++)
          t[r] = first + r < rows ? FN(load)(corner + r * stride, columns) : (vf)0.0f;
        FN(exchange)(t);
        for (int j = 0; j < columns; j++) STORE(to + j * width) = t[j];
      }
    }
  }
}

static void FN(gather)(const float *values, const int32_t *places, long count, float *gathered) {
  for (long i = 0; i < count; i++) gathered[i] = values[places[i]];
}

// Functions for each number of vectors that a panel may have, and a table of them.
#define FOR_ALL_VECTORS(name) \
  name(1) name(2) name(3) name(4) name(5) name(6) name(7) name(8)

/// The product of a row of the sparse matrix with a panel; with several sums for each number of it
/// where they would wait for each other otherwise.
INLINE void FN(row)(const int vectors, const int chains, const int32_t *columns,
                    const float *values, long count, const float *panel, float *product) {
  vf sum[VECTORS_MAX];
  UNROLL for (int i = 0; i < chains * vectors; i++) sum[i] = 0.0f;
  long k = 0;
  for (; k + chains <= count; k += chains)
    UNROLL for (int chain = 0; chain < chains; chain++) {
      const float *from = panel + (long)columns[k + chain] * (vectors * W);
      vf value = values[k + chain];
      UNROLL for (int v = 0; v < vectors; v++)
        sum[chain * vectors + v] += value * LOAD(from + v * W);
    }
  for (; k < count; k++) {
    const float *from = panel + (long)columns[k] * (vectors * W);
    vf value = values[k];
    UNROLL for (int v = 0; v < vectors; v++) sum[v] += value * LOAD(from + v * W);
  }
  UNROLL for (int v = 0; v < vectors; v++) {
    vf total = sum[v];
    UNROLL for (int chain = 1; chain < chains; chain++) total += sum[chain * vectors + v];
    STORE(product + v * W) = total;
  }
}

#define MULTIPLY(vectors)                                                                      \
  static void FN(multiply##vectors)(const nn_sparse_product *p, long row, long count,          \
                                    const float *panel, float *products) {                     \
    for (long i = 0; i < count; i++) {                                                         \
      long start = p->pattern.starts[row + i], end = p->pattern.starts[row + i + 1];           \
      FN(row)(vectors, VECTORS_MAX / vectors, p->pattern.columns + start, p->values + start,   \
              end - start, panel, products + i * (vectors * W));                               \
    }                                                                                          \
  }
FOR_ALL_VECTORS(MULTIPLY)
#undef MULTIPLY

/// Brings the products of some rows of the sparse matrix, each a column of the output, there.
INLINE void FN(finish)(const nn_sparse_product *p, long column, long count, const float *products,
                       long width, long rows) {
  vf bias = p->bias ? FN(load)(p->bias + column, count) : (vf)0.0f;
  for (long first = 0; first < rows; first += W) {
    vf t[W];
    UNROLL for (int j = 0; j < W; j++) t[j] = LOAD(products + j * width + first);
    FN(exchange)(t);
    float *to = p->output + first * p->output_stride + column;
    UNROLL for (int r = 0; r < W; r++) {
      vf sum = t[r] + bias;
      if (p->rectifies) sum = (vf)((vi)sum & ~(sum <= 0.0f));
      t[r] = sum;
    }
    if (count == W && rows - first >= W)
      UNROLL for (int r = 0; r < W; r++) STORE(to + r * p->output_stride) = t[r];
    else
      for (int r = 0; r < W && first + r < rows; r++)
        FN(store)(to + r * p->output_stride, t[r], count);
  }
}

static void FN(multiply)(const nn_sparse_product *p, const float *panel, long rows) {
#define NAME(vectors) FN(multiply##vectors),
  static void (*const some_rows[])(const nn_sparse_product *, long, long, const float *, float *) =
      {FOR_ALL_VECTORS(NAME)};
#undef NAME
  // The last block may have fewer rows than a vector has lanes.
  float products[W * VECTORS_MAX * W] __attribute__((aligned(64))) = {0};
  long vectors = (rows + W - 1) / W;
  if (vectors == 0) return;
  for (long row = p->first_row; row < p->end_row; row += W) {
    long count = p->end_row - row < W ? p->end_row - row : W;
    some_rows[vectors - 1](p, row, count, panel, products);
    FN(finish)(p, row, count, products, vectors * W, rows);
  }
}

/// W numbers of one row of the gradient, or the `count` that are left.
INLINE void FN(gradients)(const int vectors, const vf *slopes, const float *inputs,
                          const int32_t *columns, long count, float *gradient, int adds) {
  vf t[W];
  UNROLL for (int j = 0; j < W; j++) {
    const float *from = inputs + (long)columns[j < count ? j : 0] * (vectors * W);
    vf sum = slopes[0] * LOAD(from);
    UNROLL for (int v = 1; v < vectors; v++) sum += slopes[v] * LOAD(from + v * W);
    t[j] = sum;
  }
  float sums[W];
  STORE(sums) = FN(sums)(t);
  if (count >= W) {
    UNROLL for (int j = 0; j < W; j++)
      gradient[columns[j]] = adds ? gradient[columns[j]] + sums[j] : sums[j];
  } else {
    for (int j = 0; j < count; j++)
      gradient[columns[j]] = adds ? gradient[columns[j]] + sums[j] : sums[j];
  }
}

#define MULTIPLY_AT(vectors)                                                                    \
  static void FN(multiply_at##vectors)(const nn_sparse_pattern *pattern, long row,              \
                                       const float *slopes, const float *inputs,                \
                                       float *gradient, int adds) {                             \
    vf slope[vectors];                                                                          \
    UNROLL for (int v = 0; v < vectors; v++) slope[v] = LOAD(slopes + v * W);                   \
    const int32_t *columns = pattern->columns;                                                  \
    long k = pattern->starts[row], end = pattern->starts[row + 1];                              \
    for (; k + W <= end; k += W)                                                                \
      FN(gradients)(vectors, slope, inputs, columns + k, W, gradient, adds);                    \
    if (k < end) FN(gradients)(vectors, slope, inputs, columns + k, end - k, gradient, adds);   \
  }
FOR_ALL_VECTORS(MULTIPLY_AT)
#undef MULTIPLY_AT

static void FN(multiply_at)(const nn_sparse_pattern *pattern, long first_row, long end_row,
                            const float *slopes, const float *inputs, long rows, float *gradient,
                            long stride, int adds) {
#define NAME(vectors) FN(multiply_at##vectors),
  static void (*const one_row[])(const nn_sparse_pattern *, long, const float *, const float *,
                                 float *, int) = {FOR_ALL_VECTORS(NAME)};
#undef NAME
  long vectors = (rows + W - 1) / W;
  if (vectors == 0) return;
  for (long row = first_row; row < end_row; row++)
    one_row[vectors - 1](pattern, row, slopes + row * vectors * W, inputs, gradient + row * stride,
                         adds);
}

static const nn_sparse_kernels FN(kernels) = {
    LEVEL, W, W * VECTORS_MAX, FN(find_nonzeros), FN(pack), FN(gather), FN(multiply),
    FN(multiply_at),
};

#undef FOR_ALL_VECTORS
#undef PAIR
#undef UNROLL
#undef LOW1
#undef HIGH1
#undef LOW2
#undef HIGH2
#undef LOW4
#undef HIGH4
#undef LOW8
#undef HIGH8
