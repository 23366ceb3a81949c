// One level of Optimizers.c, see levels.h.

// What is left behind the last whole vector, with numbers in front of which nothing happens.
typedef struct {
  float weights[W], gradients[W], moments[3][W];
} FN(rest);

INLINE nn_step_arrays FN(take_rest)(FN(rest) *rest, const nn_step_arrays *a, long i, long count) {
  nn_step_arrays taken = {rest->weights, rest->gradients, {0}};
  unsigned long bytes = (unsigned long)(count - i) * sizeof(float);
  memset(rest, 0, sizeof *rest);
  memcpy(rest->weights, a->weights + i, bytes);
  memcpy(rest->gradients, a->gradients + i, bytes);
  for (int k = 0; k < 3; k++) {
    if (!a->moments[k]) continue;
    memcpy(rest->moments[k], a->moments[k] + i, bytes);
    taken.moments[k] = rest->moments[k];
  }
  return taken;
}

INLINE void FN(give_rest)(const FN(rest) *rest, const nn_step_arrays *a, long i, long count) {
  unsigned long bytes = (unsigned long)(count - i) * sizeof(float);
  memcpy(a->weights + i, rest->weights, bytes);
  for (int k = 0; k < 3; k++)
    if (a->moments[k]) memcpy(a->moments[k] + i, rest->moments[k], bytes);
}

// A pass over all numbers of the function that does W of them from number i on.
#define PASS(name)                                                                               \
  static void FN(name)(nn_step_arrays arrays, long count, nn_##name##_step step) {               \
    long i = 0;                                                                                  \
    for (; i + W <= count; i += W) FN(name##_lanes)(&arrays, i, &step);                          \
    if (i == count) return;                                                                      \
    FN(rest) rest;                                                                               \
    nn_step_arrays taken = FN(take_rest)(&rest, &arrays, i, count);                              \
    FN(name##_lanes)(&taken, 0, &step);                                                          \
    FN(give_rest)(&rest, &arrays, i, count);                                                     \
  }

INLINE void FN(sgd_lanes)(const nn_step_arrays *a, long i, const nn_sgd_step *s) {
  vf weight = LOAD(a->weights + i);
  vf slope = LOAD(a->gradients + i) + weight * s->decay;
  if (a->moments[0]) {
    vf velocity = LOAD(a->moments[0] + i) * s->momentum + slope;
    STORE(a->moments[0] + i) = velocity;
    slope = s->is_nesterov ? slope + velocity * s->momentum : velocity;
  }
  STORE(a->weights + i) = weight - slope * s->rate;
}
PASS(sgd)

INLINE void FN(adam_lanes)(const nn_step_arrays *a, long i, const nn_adam_step *s) {
  vf weight = LOAD(a->weights + i);
  vf gradient = LOAD(a->gradients + i) + weight * s->decay;
  vf first = LOAD(a->moments[0] + i) * s->beta1 + gradient * s->rest1;
  vf second = LOAD(a->moments[1] + i) * s->beta2 + gradient * gradient * s->rest2;
  STORE(a->moments[0] + i) = first;
  STORE(a->moments[1] + i) = second;
  vf change = (first * s->scale1) / (__builtin_elementwise_sqrt(second * s->scale2) + s->epsilon);
  STORE(a->weights + i) = weight * s->kept - change * s->rate;
}
PASS(adam)

INLINE void FN(rmsprop_lanes)(const nn_step_arrays *a, long i, const nn_rmsprop_step *s) {
  vf weight = LOAD(a->weights + i);
  vf gradient = LOAD(a->gradients + i) + weight * s->decay;
  vf square = LOAD(a->moments[0] + i) * s->alpha + gradient * gradient * s->rest;
  STORE(a->moments[0] + i) = square;
  if (a->moments[1]) {
    vf mean = LOAD(a->moments[1] + i) * s->alpha + gradient * s->rest;
    STORE(a->moments[1] + i) = mean;
    square -= mean * mean;
    square = square < 0.0f ? (vf)0.0f : square;
  }
  vf change = gradient / (__builtin_elementwise_sqrt(square) + s->epsilon);
  if (a->moments[2]) {
    change += LOAD(a->moments[2] + i) * s->momentum;
    STORE(a->moments[2] + i) = change;
  }
  STORE(a->weights + i) = weight - change * s->rate;
}
PASS(rmsprop)

INLINE void FN(lion_lanes)(const nn_step_arrays *a, long i, const nn_lion_step *s) {
  vf gradient = LOAD(a->gradients + i), moment = LOAD(a->moments[0] + i);
  vf mixed = moment * s->beta1 + gradient * s->rest1;
  // 0 and NaN stay what they are.
  vf sign = mixed > 0.0f ? (vf)1.0f : mixed < 0.0f ? (vf)-1.0f : mixed;
  STORE(a->moments[0] + i) = moment * s->beta2 + gradient * s->rest2;
  STORE(a->weights + i) = LOAD(a->weights + i) * s->kept - sign * s->rate;
}
PASS(lion)

static void FN(interpolate)(float *average, const float *x, long count, float fraction) {
  long i = 0;
  for (; i + W <= count; i += W) {
    vf before = LOAD(average + i);
    STORE(average + i) = before + (LOAD(x + i) - before) * fraction;
  }
  for (; i < count; i++) average[i] = average[i] + (x[i] - average[i]) * fraction;
}

static void FN(clamp)(float *x, long count, float bound) {
  long i = 0;
  for (; i + W <= count; i += W) {
    vf value = LOAD(x + i);
    value = value > bound ? (vf)bound : value;
    STORE(x + i) = value < -bound ? (vf)-bound : value;
  }
  for (; i < count; i++) x[i] = x[i] > bound ? bound : x[i] < -bound ? -bound : x[i];
}

static const nn_optimizer_kernels FN(kernels) = {
    LEVEL, FN(sgd), FN(adam), FN(rmsprop), FN(lion), FN(interpolate), FN(clamp),
};

#undef PASS
