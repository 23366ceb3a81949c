// The beginning of a vector: a part of layers_body.h and of recurrent_body.h. Lane by lane: there
// the way through an array takes longer.

/// The first `count` numbers, and zeros behind them.
INLINE vf FN(load)(const float *from, int64_t count) {
  if (count >= W) return LOAD(from);
  vf value = 0.0f;
  for (int64_t i = 0; i < count; i++) value[i] = from[i];
  return value;
}

/// Stores the first `count` lanes.
INLINE void FN(store)(float *to, vf value, int64_t count) {
  if (count >= W)
    STORE(to) = value;
  else
    for (int64_t i = 0; i < count; i++) to[i] = value[i];
}
