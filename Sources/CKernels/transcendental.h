// exp, tanh and the logistic function of whole vectors: a part of layers_body.h and of
// recurrent_body.h. Within 2 units in the last place; NaN stays NaN, and what is too large or too
// small has its limit.

/// `some` in the lanes where mask is -1, `other` where it is 0.
INLINE vf FN(choose)(vi mask, vf some, vf other) {
  return (vf)((mask & (vi)some) | (~mask & (vi)other));
}

/// x between low and high; NaN stays NaN.
INLINE vf FN(clamp)(vf x, float low, float high) {
  vf least = low, most = high;
  x = FN(choose)(x < least, least, x);
  return FN(choose)(x > most, most, x);
}

/// 2 to the power n, for n from -126 to 127; infinity for 128.
INLINE vf FN(power_of_two)(vi n) {
  return (vf)((n + 127) << 23);
}

/// exp(rest) - 1, where x = n ln 2 + rest and |rest| is at most ln 2 / 2, and n. The polynomial is
/// Cephes' (Moshier 1989, expf); the conversion by adding 1.5 * 2^23 is defined for NaN too.
INLINE vf FN(reduced_exp)(vf x, vi *n) {
  vf shift = 12582912.0f;
  vf shifted = x * 1.44269504088896341f + shift;
  *n = (vi)shifted - (vi)shift;
  vf whole = shifted - shift;
  vf rest = x - whole * 0.693359375f;
  rest = rest + whole * 2.12194440e-4f;
  vf y = rest * 1.9875691500e-4f + 1.3981999507e-3f;
  y = y * rest + 8.3334519073e-3f;
  y = y * rest + 4.1665795894e-2f;
  y = y * rest + 1.6666665459e-1f;
  y = y * rest + 5.0000001201e-1f;
  return y * (rest * rest) + rest;
}

INLINE vf FN(exp)(vf x) {
  vi n;
  vf y = 1.0f + FN(reduced_exp)(FN(clamp)(x, -104.0f, 89.0f), &n);
  // In two factors, since 2^n alone may be too large or too small.
  vi half = n >> 1;
  return y * FN(power_of_two)(half) * FN(power_of_two)(n - half);
}

/// 1 / (1 + exp(-x))
INLINE vf FN(sigmoid)(vf x) {
  // 2^n is never too small, and infinite only where the result is 0.
  vi n;
  vf y = 1.0f + FN(reduced_exp)(FN(clamp)(-x, -87.0f, 89.0f), &n);
  return 1.0f / (1.0f + y * FN(power_of_two)(n));
}

/// e / (e + 2), where e = exp(2 |x|) - 1 has no cancellation; with the sign of x.
INLINE vf FN(tanh)(vf x) {
  vi sign = (vi)x & (int)0x80000000;
  vf size = (vf)((vi)x & 0x7fffffff);
  vi n;
  vf y = FN(reduced_exp)(FN(clamp)(size + size, 0.0f, 20.0f), &n);
  vf power = FN(power_of_two)(n);
  vf e = y * power + (power - 1.0f);
  vf result = e / (e + 2.0f);
  return (vf)((vi)result | sign);
}
