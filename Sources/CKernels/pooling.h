// Pools over images with their channels last: a part of layers_body.h.

typedef struct {
  long top, bottom, left, right;
} FN(window);

/// The part of the image that output pixel (row, column) looks at.
static inline FN(window) FN(window_at)(const nn_pool_shape *s, long row, long column) {
  FN(window) w;
  w.top = row * s->stride_height - s->padding_height;
  w.left = column * s->stride_width - s->padding_width;
  w.bottom = w.top + s->kernel_height < s->height ? w.top + s->kernel_height : s->height;
  w.right = w.left + s->kernel_width < s->width ? w.left + s->kernel_width : s->width;
  w.top = w.top > 0 ? w.top : 0;
  w.left = w.left > 0 ? w.left : 0;
  return w;
}

static void FN(max_pool)(const nn_pool_shape *s, const float *x, float *y, uint8_t *which) {
  long channels = s->channels, columns = s->width;
  for (long row = 0; row < s->out_height; row++) {
    for (long column = 0; column < s->out_width; column++, y += channels, which += channels) {
      FN(window) w = FN(window_at)(s, row, column);
      long origin_row = row * s->stride_height - s->padding_height;
      long origin_column = column * s->stride_width - s->padding_width;
      long c = 0;
      for (; c + W <= channels; c += W) {
        vf best = LOAD(x + (w.top * columns + w.left) * channels + c);
        vi place = (int)((w.top - origin_row) * s->kernel_width + w.left - origin_column);
        for (long i = w.top; i < w.bottom; i++) {
          for (long j = w.left; j < w.right; j++) {
            vf value = LOAD(x + (i * columns + j) * channels + c);
            vi here = (int)((i - origin_row) * s->kernel_width + j - origin_column);
            vi better = (value > best) | (value != value);
            best = FN(choose)(better, value, best);
            place = (better & here) | (~better & place);
          }
        }
        STORE(y + c) = best;
        *(vb *)(which + c) = __builtin_convertvector(place, vb);
      }
      for (; c < channels; c++) {
        float best = x[(w.top * columns + w.left) * channels + c];
        long place = (w.top - origin_row) * s->kernel_width + w.left - origin_column;
        for (long i = w.top; i < w.bottom; i++) {
          for (long j = w.left; j < w.right; j++) {
            float value = x[(i * columns + j) * channels + c];
            if (!(value > best || value != value)) continue;
            best = value;
            place = (i - origin_row) * s->kernel_width + j - origin_column;
          }
        }
        y[c] = best;
        which[c] = (uint8_t)place;
      }
    }
  }
}

/// Whether each pixel of the image is in one window exactly.
static inline int FN(is_tiled)(const nn_pool_shape *s) {
  return s->stride_height == s->kernel_height && s->stride_width == s->kernel_width &&
         s->padding_height == 0 && s->padding_width == 0 &&
         s->height == s->out_height * s->kernel_height &&
         s->width == s->out_width * s->kernel_width;
}

static void FN(max_pool_gradient)(const nn_pool_shape *s, const float *dy, const uint8_t *which,
                                  float *dx) {
  long channels = s->channels, columns = s->width;
  vi adds = FN(is_tiled)(s) ? 0 : -1;
  if (adds[0]) memset(dx, 0, (size_t)(s->height * columns * channels) * sizeof(float));
  for (long row = 0; row < s->out_height; row++) {
    for (long column = 0; column < s->out_width; column++, dy += channels, which += channels) {
      FN(window) w = FN(window_at)(s, row, column);
      long origin_row = row * s->stride_height - s->padding_height;
      long origin_column = column * s->stride_width - s->padding_width;
      long c = 0;
      for (; c + W <= channels; c += W) {
        vi place = __builtin_convertvector(*(const vb *)(which + c), vi);
        vf slope = LOAD(dy + c);
        for (long i = w.top; i < w.bottom; i++) {
          for (long j = w.left; j < w.right; j++) {
            float *pixel = dx + (i * columns + j) * channels + c;
            vi here = (int)((i - origin_row) * s->kernel_width + j - origin_column);
            vf part = (vf)((vi)slope & (place == here));
            STORE(pixel) = adds[0] ? LOAD(pixel) + part : part;
          }
        }
      }
      for (; c < channels; c++) {
        for (long i = w.top; i < w.bottom; i++) {
          for (long j = w.left; j < w.right; j++) {
            float *pixel = dx + (i * columns + j) * channels + c;
            long here = (i - origin_row) * s->kernel_width + j - origin_column;
            float part = which[c] == here ? dy[c] : 0.0f;
            *pixel = adds[0] ? *pixel + part : part;
          }
        }
      }
    }
  }
}

static void FN(average_pool)(const nn_pool_shape *s, const float *x, float *y) {
  long channels = s->channels, columns = s->width;
  float factor = 1.0f / (float)(s->kernel_height * s->kernel_width);
  for (long row = 0; row < s->out_height; row++) {
    for (long column = 0; column < s->out_width; column++, y += channels) {
      FN(window) w = FN(window_at)(s, row, column);
      long c = 0;
      for (; c + W <= channels; c += W) {
        vf sum = 0.0f;
        for (long i = w.top; i < w.bottom; i++)
          for (long j = w.left; j < w.right; j++) sum += LOAD(x + (i * columns + j) * channels + c);
        STORE(y + c) = sum * factor;
      }
      for (; c < channels; c++) {
        float sum = 0;
        for (long i = w.top; i < w.bottom; i++)
          for (long j = w.left; j < w.right; j++) sum += x[(i * columns + j) * channels + c];
        y[c] = sum * factor;
      }
    }
  }
}

static void FN(average_pool_gradient)(const nn_pool_shape *s, const float *dy, float *dx) {
  long channels = s->channels, columns = s->width;
  float factor = 1.0f / (float)(s->kernel_height * s->kernel_width);
  memset(dx, 0, (size_t)(s->height * columns * channels) * sizeof(float));
  for (long row = 0; row < s->out_height; row++) {
    for (long column = 0; column < s->out_width; column++, dy += channels) {
      FN(window) w = FN(window_at)(s, row, column);
      for (long i = w.top; i < w.bottom; i++) {
        for (long j = w.left; j < w.right; j++) {
          float *pixel = dx + (i * columns + j) * channels;
          long c = 0;
          for (; c + W <= channels; c += W) STORE(pixel + c) += LOAD(dy + c) * factor;
          for (; c < channels; c++) pixel[c] += dy[c] * factor;
        }
      }
    }
  }
}

static void FN(transpose)(const float *x, float *y, long rows, long columns) {
  for (long c = 0; c < columns; c += 16) {
    long end = c + 16 < columns ? c + 16 : columns;
    for (long r = 0; r < rows; r++)
      for (long column = c; column < end; column++) y[column * rows + r] = x[r * columns + column];
  }
}
