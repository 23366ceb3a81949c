// Activations, softmax and dropout: a part of layers_body.h.

#define NORMAL_DENSITY_AT_0 0.398942280401433f

/// The normal distribution function of x, within 3e-7, and exp(-x * x / 2). The tail behind |x| is
/// that power times a polynomial in 1 / (1 + 0.28 |x|), as Hastings does it ("Approximations for
/// digital computers", 1955), with coefficients fitted to that end.
INLINE vf FN(normal)(vf x, vf *power) {
  vf size = (vf)((vi)x & 0x7fffffff), u = 1.0f / (1.0f + size * 0.28f);
  vf tail = u * -0.105701573f + 0.389440835f;
  tail = tail * u - 0.236294210f;
  tail = tail * u + 0.268349379f;
  tail = tail * u + 0.0677201152f;
  tail = tail * u + 0.116485439f;
  *power = FN(exp)(x * x * -0.5f);
  tail = tail * u * *power;
  return FN(choose)(x > 0.0f, 1.0f - tail, tail);
}

#define ACTIVATION(NAME, VALUE, SLOPE)                                                       \
  INLINE vf FN(NAME##_value)(vf x, float a, float b) { return VALUE; }                       \
  INLINE vf FN(NAME##_slope)(vf x, float a, float b) { return SLOPE; }                       \
  static void FN(NAME##_apply)(const float *x, float *y, long count, float a, float b) {     \
    long i = 0;                                                                              \
    for (; i + W <= count; i += W) STORE(y + i) = FN(NAME##_value)(LOAD(x + i), a, b);       \
    vf last = FN(NAME##_value)(FN(load)(x + i, count - i), a, b);                            \
    FN(store)(y + i, last, count - i);                                                       \
  }                                                                                          \
  static void FN(NAME##_gradient)(const float *x, float *dy, long count, float a, float b) { \
    long i = 0;                                                                              \
    for (; i + W <= count; i += W) STORE(dy + i) *= FN(NAME##_slope)(LOAD(x + i), a, b);     \
    vf last = FN(NAME##_slope)(FN(load)(x + i, count - i), a, b);                            \
    FN(store)(dy + i, FN(load)(dy + i, count - i) * last, count - i);                        \
  }

INLINE vf FN(magnitude)(vf x) { return (vf)((vi)x & 0x7fffffff); }

INLINE vf FN(ones)(vi mask) { return FN(choose)(mask, 1.0f, 0.0f); }

INLINE vf FN(silu_derivative)(vf x) {
  vf gate = FN(sigmoid)(x);
  return gate + gate * x * (1.0f - gate);
}

INLINE vf FN(gelu_whole)(vf x) {
  vf power;
  return x * FN(normal)(x, &power);
}

INLINE vf FN(gelu_derivative)(vf x) {
  vf power, value = FN(normal)(x, &power);
  return value + x * power * NORMAL_DENSITY_AT_0;
}

INLINE vf FN(gelu_tanh_core)(vf x) {
  return FN(tanh)(0.797884560802865f * (x + 0.044715f * x * x * x));
}

INLINE vf FN(gelu_tanh_derivative)(vf x) {
  vf core = FN(gelu_tanh_core)(x), inner = 0.797884560802865f * (1.0f + 0.134145f * x * x);
  return 0.5f + 0.5f * core + 0.5f * x * (1.0f - core * core) * inner;
}

INLINE vf FN(thresholded)(vf x, float shift, float maximum) {
  vf size = FN(clamp)(FN(magnitude)(x) - shift, 0.0f, maximum);
  return (vf)((vi)size | ((vi)x & (int)0x80000000));
}

ACTIVATION(tanh, FN(tanh)(x), 1.0f - x * x)
ACTIVATION(sigmoid, FN(sigmoid)(x), x * (1.0f - x))
ACTIVATION(leaky, FN(choose)(x > 0.0f, x, x * a), FN(choose)(x > 0.0f, 1.0f, a))
ACTIVATION(clipped, FN(clamp)(x - a, 0.0f, b), FN(ones)((x > 0.0f) & (x < b)))
ACTIVATION(threshold, FN(thresholded)(x, a, b),
           FN(ones)((FN(magnitude)(x) > 0.0f) & (FN(magnitude)(x) < b)))
ACTIVATION(silu, x * FN(sigmoid)(x), FN(silu_derivative)(x))
ACTIVATION(gelu, FN(gelu_whole)(x), FN(gelu_derivative)(x))
ACTIVATION(gelu_tanh, 0.5f * x * (1.0f + FN(gelu_tanh_core)(x)), FN(gelu_tanh_derivative)(x))
#undef ACTIVATION

static void FN(prelu)(const float *x, float *y, long rows, long columns, const float *slopes) {
  for (long r = 0; r < rows; r++, x += columns, y += columns) {
    long c = 0;
    for (; c + W <= columns; c += W) {
      vf value = LOAD(x + c);
      STORE(y + c) = FN(choose)(value > 0.0f, value, value * LOAD(slopes + c));
    }
    for (; c < columns; c++) y[c] = x[c] > 0 ? x[c] : x[c] * slopes[c];
  }
}

static void FN(prelu_gradient)(const float *x, float *dy, long rows, long columns,
                               const float *slopes, float *slope_gradient) {
  memset(slope_gradient, 0, (size_t)columns * sizeof(float));
  for (long r = 0; r < rows; r++, x += columns, dy += columns) {
    long c = 0;
    for (; c + W <= columns; c += W) {
      vf value = LOAD(x + c), slope = LOAD(dy + c);
      vi alive = value > 0.0f;
      STORE(slope_gradient + c) += FN(choose)(alive, 0.0f, value * slope);
      STORE(dy + c) = FN(choose)(alive, slope, slope * LOAD(slopes + c));
    }
    for (; c < columns; c++) {
      if (x[c] > 0) continue;
      slope_gradient[c] += x[c] * dy[c];
      dy[c] *= slopes[c];
    }
  }
}

static inline float FN(total)(vf lanes) {
  float sum = 0;
  for (int lane = 0; lane < W; lane++) sum += lanes[lane];
  return sum;
}

static inline float FN(largest)(const float *x, long count) {
  vf best = x[0];
  long i = 0;
  for (; i + W <= count; i += W) best = FN(choose)(LOAD(x + i) > best, LOAD(x + i), best);
  float most = best[0];
  for (int lane = 1; lane < W; lane++) most = best[lane] > most ? best[lane] : most;
  for (; i < count; i++) most = x[i] > most ? x[i] : most;
  return most;
}

static void FN(softmax)(const float *x, float *y, long rows, long columns) {
  for (long r = 0; r < rows; r++, x += columns, y += columns) {
    float most = FN(largest)(x, columns);
    vf sums = 0.0f;
    long c = 0;
    for (; c + W <= columns; c += W) {
      vf power = FN(exp)(LOAD(x + c) - most);
      sums += power;
      STORE(y + c) = power;
    }
    vf last = FN(exp)(FN(load)(x + c, columns - c) - most);
    FN(store)(y + c, last, columns - c);
    float sum = FN(total)(sums);
    for (long lane = 0; lane < columns - c; lane++) sum += last[lane];
    float factor = 1.0f / sum;
    for (c = 0; c + W <= columns; c += W) STORE(y + c) *= factor;
    for (; c < columns; c++) y[c] *= factor;
  }
}

static void FN(softmax_gradient)(const float *y, float *dy, long rows, long columns) {
  for (long r = 0; r < rows; r++, y += columns, dy += columns) {
    vf sums = 0.0f;
    long c = 0;
    for (; c + W <= columns; c += W) sums += LOAD(y + c) * LOAD(dy + c);
    float mean = FN(total)(sums);
    for (; c < columns; c++) mean += y[c] * dy[c];
    for (c = 0; c + W <= columns; c += W) STORE(dy + c) = LOAD(y + c) * (LOAD(dy + c) - mean);
    for (; c < columns; c++) dy[c] = y[c] * (dy[c] - mean);
  }
}

static void FN(drop)(const float *x, float *y, const uint8_t *kept, long count, float scale) {
  long i = 0;
  for (; i + W <= count; i += W) {
    vi mask = __builtin_convertvector(*(const vb *)(kept + i), vi) != 0;
    STORE(y + i) = (vf)((vi)(LOAD(x + i) * scale) & mask);
  }
  for (; i < count; i++) y[i] = kept[i] ? x[i] * scale : 0.0f;
}
typedef uint32_t FN(vu) __attribute__((ext_vector_type(W), aligned(4)));
typedef uint64_t FN(vl) __attribute__((ext_vector_type(W), aligned(8)));

/// The upper and lower halves of some * factor.
INLINE FN(vu) FN(multiply_wide)(FN(vu) some, uint64_t factor, FN(vu) *low) {
  FN(vl) product = __builtin_convertvector(some, FN(vl)) * factor;
  *low = __builtin_convertvector(product, FN(vu));
  return __builtin_convertvector(product >> 32, FN(vu));
}

/// 64 numbers of Philox4x32-10 (Salmon et al. 2011): word w of counter 16 * group + l is number
/// 16 * w + l of the group; whatever W is.
INLINE void FN(philox_group)(uint64_t group, uint64_t key, uint32_t *numbers) {
  for (long lane = 0; lane < 16; lane += W) {
    FN(vl) counter;
    for (long l = 0; l < W; l++) counter[l] = group * 16 + (uint64_t)(lane + l);
    FN(vu) c0 = __builtin_convertvector(counter, FN(vu)), c2 = 0, c3 = 0;
    FN(vu) c1 = __builtin_convertvector(counter >> 32, FN(vu));
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
    for (int round = 0; round < 10; round++, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
      FN(vu) low, low2, high = FN(multiply_wide)(c0, 0xD2511F53u, &low);
      FN(vu) high2 = FN(multiply_wide)(c2, 0xCD9E8D57u, &low2);
      c0 = high2 ^ c1 ^ k0, c1 = low2, c2 = high ^ c3 ^ k1, c3 = low;
    }
    *(FN(vu) *)(numbers + lane) = c0;
    *(FN(vu) *)(numbers + 16 + lane) = c1;
    *(FN(vu) *)(numbers + 32 + lane) = c2;
    *(FN(vu) *)(numbers + 48 + lane) = c3;
  }
}

static void FN(choose_kept)(uint64_t key, long first, long count, uint32_t limit, uint8_t *kept) {
  long i = first, end = first + count;
  while (i < end) {
    uint32_t numbers[64];
    long from = i % 64, stop = end - i < 64 - from ? from + end - i : 64;
    FN(philox_group)((uint64_t)(i / 64), key, numbers);
    for (long n = from; n < stop; n++) *kept++ = numbers[n] >= limit;
    i += stop - from;
  }
}

#undef NORMAL_DENSITY_AT_0
