// One level of Recurrent.c, see levels.h.

#include "partial.h"
#include "transcendental.h"

// Products.

static void FN(pack)(const float *b, long inner_stride, long column_stride, long inner,
                     long columns, float *packed) {
  for (long first = 0; first < columns; first += 2 * W, packed += 2 * W * inner) {
    long width = columns - first < 2 * W ? columns - first : 2 * W;
    const float *corner = b + first * column_stride;
    if (column_stride == 1 && width == 2 * W) {
      for (long k = 0; k < inner; k++) {
        STORE(packed + k * 2 * W) = LOAD(corner + k * inner_stride);
        STORE(packed + k * 2 * W + W) = LOAD(corner + k * inner_stride + W);
      }
      continue;
    }
    for (long k = 0; k < inner; k++) {
      for (long j = 0; j < width; j++)
        packed[k * 2 * W + j] = corner[k * inner_stride + j * column_stride];
      for (long j = width; j < 2 * W; j++) packed[k * 2 * W + j] = 0;
    }
  }
}

/// Up to TILE rows and 2 W columns of c; a[r, k] is a[r * a_row + k * a_inner].
INLINE void FN(tile)(int height, const float *a, long a_row, long a_inner, const float *panel,
                     float *c, long c_stride, long inner, long width, int adds) {
  vf sums[TILE][2];
  for (int r = 0; r < height; r++) sums[r][0] = sums[r][1] = 0.0f;
  for (long k = 0; k < inner; k++, panel += 2 * W) {
    vf left = LOAD(panel), right = LOAD(panel + W);
#pragma unroll
    for (int r = 0; r < height; r++) {
      vf factor = a[r * a_row + k * a_inner];
      sums[r][0] += factor * left;
      sums[r][1] += factor * right;
    }
  }
  for (int r = 0; r < height; r++) {
    float *row = c + r * c_stride;
    if (width >= 2 * W) {
      STORE(row) = adds ? LOAD(row) + sums[r][0] : sums[r][0];
      STORE(row + W) = adds ? LOAD(row + W) + sums[r][1] : sums[r][1];
    } else {
      for (long j = 0; j < width; j++) {
        float sum = j < W ? sums[r][0][j] : sums[r][1][j - W];
        row[j] = adds ? row[j] + sum : sum;
      }
    }
  }
}

#define CASE(n)                                                                         \
  case n: FN(tile)(n, a, A_ROW, A_INNER, panel, c, c_stride, inner, width, adds); break;
#if TILE == 6
#define CASES CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
#else
#define CASES                                                                             \
  CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) \
  CASE(12) CASE(13)
#endif

static void FN(plain_tile)(long height, const float *a, long stride, const float *panel, float *c,
                           long c_stride, long inner, long width, int adds) {
#define A_ROW stride
#define A_INNER 1
  switch (height) { CASES }
#undef A_ROW
#undef A_INNER
}

static void FN(transposed_tile)(long height, const float *a, long stride, const float *panel,
                                float *c, long c_stride, long inner, long width, int adds) {
#define A_ROW 1
#define A_INNER stride
  switch (height) { CASES }
#undef A_ROW
#undef A_INNER
}
#undef CASE
#undef CASES

static void FN(multiply_packed)(const float *a, long a_stride, const float *packed, float *c,
                                long c_stride, long rows, long inner, long columns, int adds) {
  long tiles = (rows + TILE - 1) / TILE;
  for (long j = 0; j < columns; j += 2 * W, packed += 2 * W * inner)
    for (long t = 0; t < tiles; t++) {
      long first = rows * t / tiles, end = rows * (t + 1) / tiles;
      FN(plain_tile)(end - first, a + first * a_stride, a_stride, packed,
                     c + first * c_stride + j, c_stride, inner, columns - j, adds);
    }
}

static void FN(multiply_transposed)(const float *a, long a_stride, const float *b, long b_stride,
                                    float *c, long c_stride, long rows, long inner, long columns) {
  enum { CHUNK = 192 };  // of the inner extent: its panel stays in the first cache
  float panel[CHUNK * 2 * W] __attribute__((aligned(64)));
  long tiles = (rows + TILE - 1) / TILE;
  long k = 0;
  do {
    long chunk = inner - k < CHUNK ? inner - k : CHUNK;
    for (long j = 0; j < columns; j += 2 * W) {
      long width = columns - j < 2 * W ? columns - j : 2 * W;
      FN(pack)(b + k * b_stride + j, b_stride, 1, chunk, width, panel);
      for (long t = 0; t < tiles; t++) {
        long first = rows * t / tiles, end = rows * (t + 1) / tiles;
        FN(transposed_tile)(end - first, a + k * a_stride + first, a_stride, panel,
                            c + first * c_stride + j, c_stride, chunk, width, k > 0);
      }
    }
    k += CHUNK;
  } while (k < inner);
}

// Gates. Each cell has one function for a vector of units, of which the first n count.

#define FOR_ALL_UNITS(cell)                                                     \
  for (long row = 0; row < s->rows; row++) {                                    \
    long unit = 0;                                                              \
    for (; unit + W <= s->units; unit += W) FN(cell##_units)(s, row, unit, W);  \
    if (unit < s->units) FN(cell##_units)(s, row, unit, s->units - unit);       \
  }
#define CELL(cell) \
  static void FN(cell)(const nn_recurrent_step *s) { FOR_ALL_UNITS(cell) }

INLINE void FN(rnn_tanh_units)(const nn_recurrent_step *s, long row, long unit, long n) {
  float *gate = s->gates + row * s->units + unit;
  vf h = FN(tanh)(FN(load)(gate, n));
  FN(store)(gate, h, n);
  FN(store)(s->next_state + row * s->state_stride + unit, h, n);
}

INLINE void FN(rnn_tanh_gradient_units)(const nn_recurrent_step *s, long row, long unit, long n) {
  float *gate = s->gates + row * s->units + unit;
  float *gradient = s->state_gradient + row * s->units + unit;
  vf h = FN(load)(gate, n);
  FN(store)(gate, FN(load)(gradient, n) * (1.0f - h * h), n);
  FN(store)(gradient, 0.0f, n);
}

INLINE void FN(rnn_relu_units)(const nn_recurrent_step *s, long row, long unit, long n) {
  float *gate = s->gates + row * s->units + unit;
  vf x = FN(load)(gate, n);
  vf h = FN(choose)(x <= 0.0f, 0.0f, x);
  FN(store)(gate, h, n);
  FN(store)(s->next_state + row * s->state_stride + unit, h, n);
}

INLINE void FN(rnn_relu_gradient_units)(const nn_recurrent_step *s, long row, long unit, long n) {
  float *gate = s->gates + row * s->units + unit;
  float *gradient = s->state_gradient + row * s->units + unit;
  vi alive = FN(load)(gate, n) > 0.0f;
  FN(store)(gate, FN(choose)(alive, FN(load)(gradient, n), 0.0f), n);
  FN(store)(gradient, 0.0f, n);
}

INLINE void FN(lstm_units)(const nn_recurrent_step *s, long row, long unit, long n) {
  long place = row * s->units + unit;
  float *gates = s->gates + 4 * row * s->units + unit;
  vf i = FN(sigmoid)(FN(load)(gates, n));
  vf f = FN(sigmoid)(FN(load)(gates + s->units, n));
  vf g = FN(tanh)(FN(load)(gates + 2 * s->units, n));
  vf o = FN(sigmoid)(FN(load)(gates + 3 * s->units, n));
  vf c = f * FN(load)(s->memory + place, n) + i * g;
  FN(store)(gates, i, n);
  FN(store)(gates + s->units, f, n);
  FN(store)(gates + 2 * s->units, g, n);
  FN(store)(gates + 3 * s->units, o, n);
  FN(store)(s->next_memory + place, c, n);
  FN(store)(s->next_state + row * s->state_stride + unit, o * FN(tanh)(c), n);
}

INLINE void FN(lstm_gradient_units)(const nn_recurrent_step *s, long row, long unit, long n) {
  long place = row * s->units + unit;
  float *gates = s->gates + 4 * row * s->units + unit;
  vf i = FN(load)(gates, n), f = FN(load)(gates + s->units, n);
  vf g = FN(load)(gates + 2 * s->units, n), o = FN(load)(gates + 3 * s->units, n);
  vf c = FN(load)(s->memory + place, n), t = FN(tanh)(FN(load)(s->next_memory + place, n));
  vf dh = FN(load)(s->state_gradient + place, n);
  vf dc = FN(load)(s->memory_gradient + place, n) + dh * o * (1.0f - t * t);
  FN(store)(gates, dc * g * i * (1.0f - i), n);
  FN(store)(gates + s->units, dc * c * f * (1.0f - f), n);
  FN(store)(gates + 2 * s->units, dc * i * (1.0f - g * g), n);
  FN(store)(gates + 3 * s->units, dh * t * o * (1.0f - o), n);
  FN(store)(s->memory_gradient + place, dc * f, n);
  FN(store)(s->state_gradient + place, 0.0f, n);
}

INLINE void FN(gru_units)(const nn_recurrent_step *s, long row, long unit, long n) {
  float *gates = s->gates + 4 * row * s->units + unit;
  vf r = FN(sigmoid)(FN(load)(gates + s->units, n));
  vf z = FN(sigmoid)(FN(load)(gates + 2 * s->units, n));
  vf hidden = FN(load)(gates + 3 * s->units, n);
  vf candidate = FN(tanh)(FN(load)(gates, n) + r * hidden);
  vf h = FN(load)(s->state + row * s->state_stride + unit, n);
  FN(store)(gates, candidate, n);
  FN(store)(gates + s->units, r, n);
  FN(store)(gates + 2 * s->units, z, n);
  FN(store)(s->next_state + row * s->state_stride + unit, candidate + z * (h - candidate), n);
}

INLINE void FN(gru_gradient_units)(const nn_recurrent_step *s, long row, long unit, long n) {
  float *gates = s->gates + 4 * row * s->units + unit;
  float *gradient = s->state_gradient + row * s->units + unit;
  vf candidate = FN(load)(gates, n), r = FN(load)(gates + s->units, n);
  vf z = FN(load)(gates + 2 * s->units, n), hidden = FN(load)(gates + 3 * s->units, n);
  vf h = FN(load)(s->state + row * s->state_stride + unit, n);
  vf dh = FN(load)(gradient, n);
  vf slope = dh * (1.0f - z) * (1.0f - candidate * candidate);
  FN(store)(gates, slope, n);
  FN(store)(gates + s->units, slope * hidden * r * (1.0f - r), n);
  FN(store)(gates + 2 * s->units, dh * (h - candidate) * z * (1.0f - z), n);
  FN(store)(gates + 3 * s->units, slope * r, n);
  FN(store)(gradient, dh * z, n);
}

CELL(rnn_tanh)
CELL(rnn_tanh_gradient)
CELL(rnn_relu)
CELL(rnn_relu_gradient)
CELL(lstm)
CELL(lstm_gradient)
CELL(gru)
CELL(gru_gradient)

static const nn_recurrent_kernels FN(kernels) = {
    LEVEL,        2 * W,         FN(pack),
    FN(multiply_packed),         FN(multiply_transposed),
    FN(rnn_tanh), FN(rnn_tanh_gradient), FN(rnn_relu), FN(rnn_relu_gradient),
    FN(lstm),     FN(lstm_gradient),     FN(gru),      FN(gru_gradient),
};

#undef CELL
#undef FOR_ALL_UNITS
