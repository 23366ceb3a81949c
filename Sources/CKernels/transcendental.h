// exp, tanh and the logistic function of whole vectors, for one level of a file of kernels: FN and
// W as in body.h, and the types FN(vf) and FN(vi), are there before this file is included. Within 2
// units in the last place; NaN stays NaN, and what is too large or too small has its limit.

/// `some` in the lanes where mask is -1, `other` where it is 0.
static inline __attribute__((always_inline)) FN(vf)
    FN(choose)(FN(vi) mask, FN(vf) some, FN(vf) other) {
  return (FN(vf))((mask & (FN(vi))some) | (~mask & (FN(vi))other));
}

/// x between low and high; NaN stays NaN.
static inline __attribute__((always_inline)) FN(vf) FN(clamp)(FN(vf) x, float low, float high) {
  FN(vf) least = low, most = high;
  x = FN(choose)(x < least, least, x);
  return FN(choose)(x > most, most, x);
}

/// 2 to the power n, for n from -126 to 127; infinity for 128.
static inline __attribute__((always_inline)) FN(vf) FN(power_of_two)(FN(vi) n) {
  return (FN(vf))((n + 127) << 23);
}

/// exp(rest) - 1, where x = n ln 2 + rest and |rest| is at most ln 2 / 2, and n. The polynomial is
/// Cephes' (Moshier 1989, expf); the conversion by adding 1.5 * 2^23 is defined for NaN too.
static inline __attribute__((always_inline)) FN(vf) FN(reduced_exp)(FN(vf) x, FN(vi) *n) {
  FN(vf) shift = 12582912.0f;
  FN(vf) shifted = x * 1.44269504088896341f + shift;
  *n = (FN(vi))shifted - (FN(vi))shift;
  FN(vf) whole = shifted - shift;
  FN(vf) rest = x - whole * 0.693359375f;
  rest = rest + whole * 2.12194440e-4f;
  FN(vf) y = rest * 1.9875691500e-4f + 1.3981999507e-3f;
  y = y * rest + 8.3334519073e-3f;
  y = y * rest + 4.1665795894e-2f;
  y = y * rest + 1.6666665459e-1f;
  y = y * rest + 5.0000001201e-1f;
  return y * (rest * rest) + rest;
}

static inline __attribute__((always_inline)) FN(vf) FN(exp)(FN(vf) x) {
  FN(vi) n;
  FN(vf) y = 1.0f + FN(reduced_exp)(FN(clamp)(x, -104.0f, 89.0f), &n);
  // In two factors, since 2^n alone may be too large or too small.
  FN(vi) half = n >> 1;
  return y * FN(power_of_two)(half) * FN(power_of_two)(n - half);
}

/// 1 / (1 + exp(-x))
static inline __attribute__((always_inline)) FN(vf) FN(sigmoid)(FN(vf) x) {
  // 2^n is never too small, and infinite only where the result is 0.
  FN(vi) n;
  FN(vf) y = 1.0f + FN(reduced_exp)(FN(clamp)(-x, -87.0f, 89.0f), &n);
  return 1.0f / (1.0f + y * FN(power_of_two)(n));
}

/// e / (e + 2), where e = exp(2 |x|) - 1 has no cancellation; with the sign of x.
static inline __attribute__((always_inline)) FN(vf) FN(tanh)(FN(vf) x) {
  FN(vi) sign = (FN(vi))x & (int)0x80000000;
  FN(vf) size = (FN(vf))((FN(vi))x & 0x7fffffff);
  FN(vi) n;
  FN(vf) y = FN(reduced_exp)(FN(clamp)(size + size, 0.0f, 20.0f), &n);
  FN(vf) power = FN(power_of_two)(n);
  FN(vf) e = y * power + (power - 1.0f);
  FN(vf) result = e / (e + 2.0f);
  return (FN(vf))((FN(vi))result | sign);
}
