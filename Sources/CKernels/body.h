// Elementwise loops and sums: one level of CKernels.c, see levels.h.

static void FN(rectify)(const float *x, float *y, long count) {
  long i = 0;
  for (; i + W <= count; i += W) {
    vi dead = LOAD(x + i) <= 0.0f;
    STORE(y + i) = (vf)((vi)LOAD(x + i) & ~dead);
  }
  for (; i < count; i++) y[i] = x[i] <= 0 ? 0.0f : x[i];
}

static void FN(rectify_gradient)(const float *y, const float *dy, float *dx, long count) {
  long i = 0;
  for (; i + W <= count; i += W) {
    vi alive = LOAD(y + i) > 0.0f;
    STORE(dx + i) = (vf)((vi)LOAD(dy + i) & alive);
  }
  for (; i < count; i++) dx[i] = y[i] > 0 ? dy[i] : 0.0f;
}

static void FN(add_rows)(const float *x, long rows, long columns, float *sums) {
  long c = 0;
  for (; c + W <= columns; c += W) {
    vf total = 0.0f;
    for (long r = 0; r < rows; r++) total += LOAD(x + r * columns + c);
    STORE(sums + c) = LOAD(sums + c) + total;
  }
  for (; c < columns; c++) {
    float total = 0;
    for (long r = 0; r < rows; r++) total += x[r * columns + c];
    sums[c] += total;
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

static void FN(count_nonzeros)(const float *x, long rows, long columns, float *counts) {
  long c = 0;
  for (; c + W <= columns; c += W) {
    vi found = 0;
    for (long r = 0; r < rows; r++) found -= LOAD(x + r * columns + c) != 0.0f;
    STORE(counts + c) = LOAD(counts + c) + __builtin_convertvector(found, vf);
  }
  for (; c < columns; c++) {
    for (long r = 0; r < rows; r++) counts[c] += x[r * columns + c] != 0 ? 1.0f : 0.0f;
  }
}

static void FN(multiply)(float *x, const float *factor, long count) {
  long i = 0;
  for (; i + W <= count; i += W) STORE(x + i) = LOAD(x + i) * LOAD(factor + i);
  for (; i < count; i++) x[i] *= factor[i];
}

static void FN(add)(const float *x, float *y, long count, int rectifies) {
  long i = 0;
  if (rectifies) {
    for (; i + W <= count; i += W) {
      vf sum = LOAD(y + i) + LOAD(x + i);
      vi dead = sum <= 0.0f;
      STORE(y + i) = (vf)((vi)sum & ~dead);
    }
  } else {
    for (; i + W <= count; i += W) STORE(y + i) = LOAD(y + i) + LOAD(x + i);
  }
  for (; i < count; i++) {
    float sum = y[i] + x[i];
    y[i] = rectifies && sum <= 0 ? 0.0f : sum;
  }
}

static void FN(convert_bytes)(const uint8_t *x, float *y, long count, float scale, float offset) {
  long i = 0;
  for (; i + W <= count; i += W) {
    vf value = __builtin_convertvector(*(const vb *)(x + i), vf);
    STORE(y + i) = value * scale + offset;
  }
  for (; i < count; i++) y[i] = (float)x[i] * scale + offset;
}

static const nn_kernels FN(kernels) = {
    LEVEL,         FN(rectify),       FN(rectify_gradient), FN(add_rows), FN(sum_of_squares),
    FN(count_nonzeros), FN(multiply), FN(add), FN(convert_bytes),
};
