// One level of CKernels.c: FN names it, W is its vector width, TARGET its instruction set.
#pragma clang attribute push(__attribute__((target(TARGET))), apply_to = function)

// aligned(4): plain loads and stores are unaligned ones.
typedef float FN(vf) __attribute__((ext_vector_type(W), aligned(4)));
typedef int FN(vi) __attribute__((ext_vector_type(W), aligned(4)));
typedef uint8_t FN(vb) __attribute__((ext_vector_type(W), aligned(1)));
typedef double FN(vd) __attribute__((ext_vector_type(W), aligned(8)));
#define vf FN(vf)
#define LOAD(p) (*(const vf *)(p))
#define STORE(p) (*(vf *)(p))

static void FN(rectify)(const float *x, float *y, long count) {
  long i = 0;
  for (; i + W <= count; i += W) {
    FN(vi) dead = LOAD(x + i) <= 0.0f;
    STORE(y + i) = (vf)((FN(vi))LOAD(x + i) & ~dead);
  }
  for (; i < count; i++) y[i] = x[i] <= 0 ? 0.0f : x[i];
}

static void FN(rectify_gradient)(const float *y, const float *dy, float *dx, long count) {
  long i = 0;
  for (; i + W <= count; i += W) {
    FN(vi) alive = LOAD(y + i) > 0.0f;
    STORE(dx + i) = (vf)((FN(vi))LOAD(dy + i) & alive);
  }
  for (; i < count; i++) dx[i] = y[i] > 0 ? dy[i] : 0.0f;
}

static void FN(sum_rows)(const float *x, long rows, long columns, float *sums) {
  long c = 0;
  for (; c + W <= columns; c += W) {
    vf total = 0.0f;
    for (long r = 0; r < rows; r++) total += LOAD(x + r * columns + c);
    STORE(sums + c) = total;
  }
  for (; c < columns; c++) {
    float total = 0;
    for (long r = 0; r < rows; r++) total += x[r * columns + c];
    sums[c] = total;
  }
}

static double FN(sum_of_squares)(const float *x, long count) {
  // Blocks in Float, their sums in Double: exact enough for a norm, and full speed.
  double total = 0;
  long i = 0;
  while (i + 4 * W <= count) {
    long end = i + 1024 < count ? i + 1024 : count;
    vf s0 = 0.0f, s1 = 0.0f, s2 = 0.0f, s3 = 0.0f;
    for (; i + 4 * W <= end; i += 4 * W) {
      vf a = LOAD(x + i), b = LOAD(x + i + W), c = LOAD(x + i + 2 * W), d = LOAD(x + i + 3 * W);
      s0 += a * a;
      s1 += b * b;
      s2 += c * c;
      s3 += d * d;
    }
    vf s = (s0 + s1) + (s2 + s3);
    for (int lane = 0; lane < W; lane++) total += (double)s[lane];
  }
  for (; i < count; i++) total += (double)x[i] * (double)x[i];
  return total;
}

static void FN(multiply)(float *x, const float *factor, long count) {
  long i = 0;
  for (; i + W <= count; i += W) STORE(x + i) = LOAD(x + i) * LOAD(factor + i);
  for (; i < count; i++) x[i] *= factor[i];
}

static void FN(convert_bytes)(const uint8_t *x, float *y, long count, float scale, float offset) {
  long i = 0;
  for (; i + W <= count; i += W) {
    vf value = __builtin_convertvector(*(const FN(vb) *)(x + i), vf);
    STORE(y + i) = value * scale + offset;
  }
  for (; i < count; i++) y[i] = (float)x[i] * scale + offset;
}

static void FN(momentum_step)(float *w, const float *g, float *v, long count, float rate,
                              float momentum, float decay) {
  long i = 0;
  for (; i + W <= count; i += W) {
    vf weight = LOAD(w + i);
    vf velocity = LOAD(v + i) * momentum + (LOAD(g + i) + weight * decay);
    STORE(v + i) = velocity;
    STORE(w + i) = weight - velocity * rate;
  }
  for (; i < count; i++) {
    v[i] = v[i] * momentum + (g[i] + w[i] * decay);
    w[i] = w[i] - v[i] * rate;
  }
}

static void FN(adam_step)(float *w, const float *g, float *m, float *v, long count, float rate,
                          float beta1, float beta2, float epsilon, float decay, float scale1,
                          float scale2) {
  float kept = 1.0f - rate * decay;
  long i = 0;
  for (; i + W <= count; i += W) {
    vf gradient = LOAD(g + i);
    vf first = LOAD(m + i) * beta1 + gradient * (1.0f - beta1);
    vf second = LOAD(v + i) * beta2 + gradient * gradient * (1.0f - beta2);
    STORE(m + i) = first;
    STORE(v + i) = second;
    vf step = (first * scale1) / (__builtin_elementwise_sqrt(second * scale2) + epsilon);
    STORE(w + i) = LOAD(w + i) * kept - step * rate;
  }
  for (; i < count; i++) {
    m[i] = m[i] * beta1 + g[i] * (1.0f - beta1);
    v[i] = v[i] * beta2 + g[i] * g[i] * (1.0f - beta2);
    float step = (m[i] * scale1) / (__builtin_elementwise_sqrt(v[i] * scale2) + epsilon);
    w[i] = w[i] * kept - step * rate;
  }
}

static const nn_kernels FN(kernels) = {
    LEVEL,         FN(rectify),       FN(rectify_gradient), FN(sum_rows), FN(sum_of_squares),
    FN(multiply), FN(convert_bytes), FN(momentum_step),    FN(adam_step),
};

#undef vf
#undef LOAD
#undef STORE
#pragma clang attribute pop
