// Normalisation: a part of layers_body.h. Sums over many rows are taken in Float over a few rows at
// a time, and those in Double.
#define ROWS_AT_ONCE 64

static void FN(moments)(const float *x, long rows, long columns, float *mean, float *squares) {
  long c = 0;
  for (; c + W <= columns; c += W) {
    // Distances from the first row, so that a mean far from 0 costs no digits.
    vf origin = LOAD(x + c);
    vd sum = 0.0, square = 0.0;
    for (long first = 0; first < rows; first += ROWS_AT_ONCE) {
      long end = first + ROWS_AT_ONCE < rows ? first + ROWS_AT_ONCE : rows, r = first;
      vf s0 = 0.0f, s1 = 0.0f, s2 = 0.0f, s3 = 0.0f, q0 = 0.0f, q1 = 0.0f, q2 = 0.0f, q3 = 0.0f;
      const float *row = x + first * columns + c;
      for (; r + 4 <= end; r += 4, row += 4 * columns) {
        vf a = LOAD(row) - origin, b = LOAD(row + columns) - origin;
        vf d = LOAD(row + 2 * columns) - origin, e = LOAD(row + 3 * columns) - origin;
        s0 += a, s1 += b, s2 += d, s3 += e;
        q0 += a * a, q1 += b * b, q2 += d * d, q3 += e * e;
      }
      for (; r < end; r++, row += columns) {
        vf a = LOAD(row) - origin;
        s0 += a, q0 += a * a;
      }
      sum += __builtin_convertvector((s0 + s1) + (s2 + s3), vd);
      square += __builtin_convertvector((q0 + q1) + (q2 + q3), vd);
    }
    vd distance = sum / (double)rows;
    STORE(mean + c) = origin + __builtin_convertvector(distance, vf);
    vf squared = __builtin_convertvector(square - sum * distance, vf);
    STORE(squares + c) = FN(choose)(squared < 0.0f, 0.0f, squared);
  }
  for (; c < columns; c++) {
    double origin = (double)x[c], sum = 0, square = 0;
    for (long r = 0; r < rows; r++) {
      double distance = (double)x[r * columns + c] - origin;
      sum += distance;
      square += distance * distance;
    }
    double distance = sum / (double)rows, squared = square - sum * distance;
    mean[c] = (float)(origin + distance);
    squares[c] = squared < 0 ? 0.0f : (float)squared;
  }
}

/// As many rows as stay in the nearest cache while their columns are gone through W at a time.
static long FN(rows_in_cache)(long columns) {
  long scalars = 2048;
  return columns < scalars ? scalars / columns : 1;
}

static void FN(affine_part)(const float *x, float *y, long rows, long columns, nn_affine map) {
  long c = 0;
  for (; c + W <= columns; c += W) {
    vf factor = LOAD(map.factor + c), offset = LOAD(map.offset + c);
    // All bits where the rectifier works, none where not.
    vi rectifies = (vi)(map.rectifies ? -1 : 0);
    for (long r = 0; r < rows; r++) {
      vf value = LOAD(x + r * columns + c) * factor + offset;
      STORE(y + r * columns + c) = (vf)((vi)value & ~((value <= 0.0f) & rectifies));
    }
  }
  for (; c < columns; c++) {
    for (long r = 0; r < rows; r++) {
      float value = x[r * columns + c] * map.factor[c] + map.offset[c];
      y[r * columns + c] = map.rectifies && value <= 0 ? 0.0f : value;
    }
  }
}

static void FN(affine)(const float *x, float *y, long rows, long columns, nn_affine map) {
  long step = FN(rows_in_cache)(columns);
  for (long r = 0; r < rows; r += step)
    FN(affine_part)(x + r * columns, y + r * columns, r + step < rows ? step : rows - r, columns,
                    map);
}

static void FN(affine_sums)(const float *x, const float *dy, long rows, long columns,
                            nn_affine map, const float *mean, float *sums, float *products) {
  long c = 0;
  for (; c + W <= columns; c += W) {
    vf factor = LOAD(map.factor + c), offset = LOAD(map.offset + c), origin = LOAD(mean + c);
    vi always = (vi)(map.rectifies ? 0 : -1);
    vd sum = 0.0, product = 0.0;
    for (long first = 0; first < rows; first += ROWS_AT_ONCE) {
      long end = first + ROWS_AT_ONCE < rows ? first + ROWS_AT_ONCE : rows, r = first;
      vf s0 = 0.0f, s1 = 0.0f, q0 = 0.0f, q1 = 0.0f;
      for (; r + 2 <= end; r += 2) {
        vf x0 = LOAD(x + r * columns + c), x1 = LOAD(x + (r + 1) * columns + c);
        vf d0 = LOAD(dy + r * columns + c), d1 = LOAD(dy + (r + 1) * columns + c);
        d0 = (vf)((vi)d0 & ((x0 * factor + offset > 0.0f) | always));
        d1 = (vf)((vi)d1 & ((x1 * factor + offset > 0.0f) | always));
        s0 += d0, s1 += d1;
        q0 += d0 * (x0 - origin), q1 += d1 * (x1 - origin);
      }
      for (; r < end; r++) {
        vf x0 = LOAD(x + r * columns + c), d0 = LOAD(dy + r * columns + c);
        d0 = (vf)((vi)d0 & ((x0 * factor + offset > 0.0f) | always));
        s0 += d0;
        q0 += d0 * (x0 - origin);
      }
      sum += __builtin_convertvector(s0 + s1, vd);
      product += __builtin_convertvector(q0 + q1, vd);
    }
    STORE(sums + c) = __builtin_convertvector(sum, vf);
    STORE(products + c) = __builtin_convertvector(product, vf);
  }
  for (; c < columns; c++) {
    double sum = 0, product = 0;
    for (long r = 0; r < rows; r++) {
      float value = x[r * columns + c];
      int alive = !map.rectifies || value * map.factor[c] + map.offset[c] > 0;
      float slope = alive ? dy[r * columns + c] : 0.0f;
      sum += (double)slope;
      product += (double)slope * ((double)value - (double)mean[c]);
    }
    sums[c] = (float)sum;
    products[c] = (float)product;
  }
}

static void FN(affine_gradient_part)(const float *x, float *dy, long rows, long columns,
                                     nn_affine map, const float *pqr) {
  const float *ps = pqr, *qs = pqr + columns, *rs = pqr + 2 * columns;
  long c = 0;
  for (; c + W <= columns; c += W) {
    vf factor = LOAD(map.factor + c), offset = LOAD(map.offset + c);
    vf p = LOAD(ps + c), q = LOAD(qs + c), rest = LOAD(rs + c);
    vi always = (vi)(map.rectifies ? 0 : -1);
    for (long r = 0; r < rows; r++) {
      vf value = LOAD(x + r * columns + c), slope = LOAD(dy + r * columns + c);
      slope = (vf)((vi)slope & ((value * factor + offset > 0.0f) | always));
      STORE(dy + r * columns + c) = p * slope + (q * value + rest);
    }
  }
  for (; c < columns; c++) {
    for (long r = 0; r < rows; r++) {
      float value = x[r * columns + c];
      int alive = !map.rectifies || value * map.factor[c] + map.offset[c] > 0;
      float slope = alive ? dy[r * columns + c] : 0.0f;
      dy[r * columns + c] = ps[c] * slope + (qs[c] * value + rs[c]);
    }
  }
}

static void FN(affine_gradient)(const float *x, float *dy, long rows, long columns, nn_affine map,
                                const float *pqr) {
  long step = FN(rows_in_cache)(columns);
  for (long r = 0; r < rows; r += step)
    FN(affine_gradient_part)(x + r * columns, dy + r * columns,
                             r + step < rows ? step : rows - r, columns, map, pqr);
}

static float FN(row_moments)(const float *x, long columns, float epsilon, float *scale) {
  vf sums = 0.0f, squares = 0.0f;
  long c = 0;
  for (; c + W <= columns; c += W) sums += LOAD(x + c);
  float sum = FN(total)(sums);
  for (; c < columns; c++) sum += x[c];
  float mean = sum / (float)columns;
  for (c = 0; c + W <= columns; c += W) {
    vf distance = LOAD(x + c) - mean;
    squares += distance * distance;
  }
  float square = FN(total)(squares);
  for (; c < columns; c++) square += (x[c] - mean) * (x[c] - mean);
  *scale = 1.0f / __builtin_elementwise_sqrt(square / (float)columns + epsilon);
  return mean;
}

static void FN(layer_norm)(const float *x, float *y, long rows, long columns, const float *gain,
                           const float *shift, float epsilon, float *moments) {
  for (long r = 0; r < rows; r++, x += columns, y += columns, moments += 2) {
    float scale, mean = FN(row_moments)(x, columns, epsilon, &scale);
    moments[0] = mean;
    moments[1] = scale;
    long c = 0;
    for (; c + W <= columns; c += W)
      STORE(y + c) = (LOAD(x + c) - mean) * scale * LOAD(gain + c) + LOAD(shift + c);
    for (; c < columns; c++) y[c] = (x[c] - mean) * scale * gain[c] + shift[c];
  }
}

static void FN(layer_norm_gradient)(const float *x, float *dy, long rows, long columns,
                                    const float *gain, const float *moments, float *gain_gradient,
                                    float *shift_gradient) {
  for (long r = 0; r < rows; r++, x += columns, dy += columns, moments += 2) {
    float mean = moments[0], scale = moments[1];
    vf sums = 0.0f, products = 0.0f;
    long c = 0;
    for (; c + W <= columns; c += W) {
      vf unit = (LOAD(x + c) - mean) * scale, slope = LOAD(dy + c);
      STORE(gain_gradient + c) += slope * unit;
      STORE(shift_gradient + c) += slope;
      sums += slope * LOAD(gain + c);
      products += slope * LOAD(gain + c) * unit;
    }
    float sum = FN(total)(sums), product = FN(total)(products);
    for (; c < columns; c++) {
      float unit = (x[c] - mean) * scale;
      gain_gradient[c] += dy[c] * unit;
      shift_gradient[c] += dy[c];
      sum += dy[c] * gain[c];
      product += dy[c] * gain[c] * unit;
    }
    sum /= (float)columns;
    product /= (float)columns;
    for (c = 0; c + W <= columns; c += W) {
      vf unit = (LOAD(x + c) - mean) * scale;
      STORE(dy + c) = scale * (LOAD(dy + c) * LOAD(gain + c) - sum - unit * product);
    }
    for (; c < columns; c++)
      dy[c] = scale * (dy[c] * gain[c] - sum - (x[c] - mean) * scale * product);
  }
}
#undef ROWS_AT_ONCE
