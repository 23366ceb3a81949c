// One level of Convolution.c, see levels.h.
//
// Sums stay in registers while a run goes by. Its scalars are read where they lie, broadcast, and
// multiplied with a block of output channels: two vectors, or one at the end.

/// The width of the block that begins at a column.
INLINE int64_t FN(width)(int64_t columns, int64_t first) {
  return columns - first > W ? 2 * W : W;
}

static void FN(pack)(const nn_convolution_weights *shape, const float *weights, float *packed) {
  for (int64_t first = 0; first < shape->columns; first += 2 * W) {
    int64_t width = FN(width)(shape->columns, first), left = shape->columns - first;
    int64_t count = left < width ? left : width;
    for (int64_t tap = 0; tap < shape->taps; tap++) {
      for (int64_t channel = 0; channel < shape->channels; channel++, packed += width) {
        const float *from = weights + tap * shape->tap_stride + channel * shape->channel_stride +
                            first * shape->column_stride;
        for (int64_t c = 0; c < count; c++) packed[c] = from[c * shape->column_stride];
        for (int64_t c = count; c < width; c++) packed[c] = 0;
      }
    }
  }
}

static void FN(unpack)(const nn_convolution_weights *shape, const float *packed,
                       float *weights) {
  for (int64_t first = 0; first < shape->columns; first += 2 * W) {
    int64_t width = FN(width)(shape->columns, first), left = shape->columns - first;
    int64_t count = left < width ? left : width;
    for (int64_t tap = 0; tap < shape->taps; tap++) {
      for (int64_t channel = 0; channel < shape->channels; channel++, packed += width) {
        float *to = weights + tap * shape->tap_stride + channel * shape->channel_stride +
                    first * shape->column_stride;
        for (int64_t c = 0; c < count; c++) to[c * shape->column_stride] = packed[c];
      }
    }
  }
}

/// Where `count` pixels begin, from number `first` among those of all images; behind the last
/// one it comes again.
INLINE void FN(find)(const nn_convolution_plan *plan, const nn_convolution_group *group,
                     int64_t images, int64_t first, int64_t count, int64_t *in, int64_t *out) {
  int64_t image = first / group->pixel_count, pixel = first % group->pixel_count;
  for (int64_t done = 0; done < count; image++, pixel = 0) {
    if (image == images) {
      for (; done < count; done++) {
        in[done] = in[done - 1];
        out[done] = out[done - 1];
      }
      return;
    }
    int64_t input = image * plan->input_size, output = image * plan->output_size;
    for (; pixel < group->pixel_count && done < count; pixel++, done++) {
      in[done] = input + group->inputs[pixel];
      out[done] = output + group->outputs[pixel];
    }
  }
}

/// The first `count` lanes, and zeros.
INLINE vf FN(load)(const float *from, int64_t count) {
  if (count >= W) return LOAD(from);
  float lanes[W] = {0};
  for (int64_t i = 0; i < count; i++) lanes[i] = from[i];
  return LOAD(lanes);
}

/// Stores the first `count` lanes.
INLINE void FN(store)(float *to, vf value, int64_t count) {
  if (count >= W) {
    STORE(to) = value;
  } else {
    float lanes[W];
    STORE(lanes) = value;
    for (int64_t i = 0; i < count; i++) to[i] = lanes[i];
  }
}

/// One block of output channels of a group's pixels.
typedef struct {
  const nn_convolution_plan *plan;
  const nn_convolution_group *group;
  int64_t images;
  const float *input;
  const float *packed;
  const float *bias;
  float *output;
  int64_t columns;
} FN(block);

/// As many pixels as there are sums in registers.
INLINE void FN(tile)(const int pixels, const int vectors, const FN(block) *block,
                     const int64_t *in, const int64_t *out) {
  vf sum[PIXELS][2], weight[2][2];
  UNROLL for (int p = 0; p < pixels; p++)
    UNROLL for (int v = 0; v < vectors; v++) sum[p][v] = LOAD(block->bias + v * W);
  for (int64_t r = 0; r < block->group->run_count; r++) {
    nn_convolution_run run = block->group->runs[r];
    const float *w = block->packed + run.row * vectors * W;
    const float *x = block->input + run.input;
    int64_t i = 0;
    for (; i + 2 <= run.length; i += 2, w += 2 * vectors * W) {
      UNROLL for (int v = 0; v < vectors; v++) {
        weight[0][v] = LOAD(w + v * W);
        weight[1][v] = LOAD(w + (vectors + v) * W);
      }
      UNROLL for (int p = 0; p < pixels; p++) {
        const float *from = x + in[p] + i;
        UNROLL for (int v = 0; v < vectors; v++) sum[p][v] += weight[0][v] * from[0];
        UNROLL for (int v = 0; v < vectors; v++) sum[p][v] += weight[1][v] * from[1];
      }
    }
    if (i < run.length) {
      UNROLL for (int v = 0; v < vectors; v++) weight[0][v] = LOAD(w + v * W);
      UNROLL for (int p = 0; p < pixels; p++)
        UNROLL for (int v = 0; v < vectors; v++) sum[p][v] += weight[0][v] * x[in[p] + i];
    }
  }
  UNROLL for (int p = 0; p < pixels; p++)
    UNROLL for (int v = 0; v < vectors; v++)
      FN(store)(block->output + out[p] + v * W, sum[p][v], block->columns - v * W);
}

/// All pixels of the group. The last tile goes back over pixels that are done rather than being
/// smaller: they come out the same.
INLINE void FN(tiles)(const int pixels, const int vectors, const FN(block) *block) {
  int64_t in[PIXELS], out[PIXELS], total = block->images * block->group->pixel_count;
  for (int64_t first = 0; first < total; first += pixels) {
    int64_t start = total - first >= pixels || total < pixels ? first : total - pixels;
    FN(find)(block->plan, block->group, block->images, start, pixels, in, out);
    FN(tile)(pixels, vectors, block, in, out);
  }
}

static void FN(convolve)(const nn_convolution_plan *plan, int64_t images, const float *input,
                         const float *packed, const float *bias, float *output) {
  for (int64_t first = 0; first < plan->columns; first += 2 * W) {
    int64_t columns = plan->columns - first, is_wide = FN(width)(plan->columns, first) > W;
    float start[2 * W] = {0};
    for (int64_t c = 0; bias && c < columns && c < 2 * W; c++) start[c] = bias[first + c];
    for (int64_t g = 0; g < plan->group_count; g++) {
      const nn_convolution_group *group = plan->groups + g;
      FN(block) block = {.plan = plan, .group = group, .images = images, .input = input,
                         .packed = packed + first * plan->rows, .bias = start,
                         .output = output + first, .columns = columns};
      int64_t total = images * group->pixel_count;
      if (is_wide) {
        if (total < PIXELS / 2) FN(tiles)(SMALL, 2, &block);
        else FN(tiles)(PIXELS / 2, 2, &block);
      } else {
        if (total < PIXELS) FN(tiles)(SMALL, 1, &block);
        else FN(tiles)(PIXELS, 1, &block);
      }
    }
  }
}

/// The pixels of a group over which a weight gradient is summed in registers.
typedef struct {
  const nn_convolution_group *group;
  int64_t count;
  const float *input;
  const int64_t *in;
  const float *slope;
  const int64_t *out;
} FN(chunk);

/// Some rows of the gradient of one block of columns; `offset` is their first input scalar.
INLINE void FN(rows)(const int rows, const int vectors, const FN(chunk) *chunk, int64_t offset,
                     float *gradient) {
  vf sum[ROWS][2], slope[2];
  UNROLL for (int r = 0; r < rows; r++)
    UNROLL for (int v = 0; v < vectors; v++)
      sum[r][v] = LOAD(gradient + (r * vectors + v) * W);
  const float *input = chunk->input + offset;
  for (int64_t p = 0; p < chunk->count; p++) {
    const float *x = input + chunk->in[p], *dy = chunk->slope + chunk->out[p];
    UNROLL for (int v = 0; v < vectors; v++) slope[v] = LOAD(dy + v * W);
    UNROLL for (int r = 0; r < rows; r++)
      UNROLL for (int v = 0; v < vectors; v++) sum[r][v] += slope[v] * x[r];
  }
  UNROLL for (int r = 0; r < rows; r++)
    UNROLL for (int v = 0; v < vectors; v++)
      STORE(gradient + (r * vectors + v) * W) = sum[r][v];
}

/// The same for rows that do not follow each other, each with its own input scalar.
INLINE void FN(loose_rows)(const int rows, const int vectors, const FN(chunk) *chunk,
                           const int64_t *offsets, float *const *gradients) {
  vf sum[ROWS][2], slope[2];
  UNROLL for (int r = 0; r < rows; r++)
    UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = LOAD(gradients[r] + v * W);
  for (int64_t p = 0; p < chunk->count; p++) {
    const float *x = chunk->input + chunk->in[p], *dy = chunk->slope + chunk->out[p];
    UNROLL for (int v = 0; v < vectors; v++) slope[v] = LOAD(dy + v * W);
    UNROLL for (int r = 0; r < rows; r++)
      UNROLL for (int v = 0; v < vectors; v++) sum[r][v] += slope[v] * x[offsets[r]];
  }
  UNROLL for (int r = 0; r < rows; r++)
    UNROLL for (int v = 0; v < vectors; v++) STORE(gradients[r] + v * W) = sum[r][v];
}

/// All rows that the group's runs meet. What is left of the runs, whole ones where the input has
/// few channels, is put together; where that is too little, its first row is summed several times.
INLINE void FN(all_rows)(const int vectors, const FN(chunk) *chunk, float *gradient) {
  const int many = ROWS / vectors, few = ROWS / 3 / vectors;
  int64_t offsets[ROWS];
  float *loose[ROWS];
  int loose_count = 0;
  for (int64_t r = 0; r < chunk->group->run_count; r++) {
    nn_convolution_run run = chunk->group->runs[r];
    float *to = gradient + run.row * vectors * W;
    int64_t i = run.input, end = run.input + run.length;
    for (; i + many <= end; i += many, to += many * vectors * W)
      FN(rows)(many, vectors, chunk, i, to);
    for (; i + few <= end; i += few, to += few * vectors * W)
      FN(rows)(few, vectors, chunk, i, to);
    for (; i < end; i++, to += vectors * W) {
      offsets[loose_count] = i;
      loose[loose_count++] = to;
      if (loose_count == few) {
        FN(loose_rows)(few, vectors, chunk, offsets, loose);
        loose_count = 0;
      }
    }
  }
  if (loose_count == 0) return;
  for (; loose_count < few; loose_count++) {
    offsets[loose_count] = offsets[0];
    loose[loose_count] = loose[0];
  }
  FN(loose_rows)(few, vectors, chunk, offsets, loose);
}

/// The whole gradient over a chunk. Slopes that fill no vector are copied into one.
static void FN(add_chunk)(const nn_convolution_plan *plan, const FN(chunk) *chunk,
                          float *gradient) {
  float filled[CHUNK_MAX * 2 * W];
  int64_t places[CHUNK_MAX];
  for (int64_t first = 0; first < plan->columns; first += 2 * W) {
    int64_t left = plan->columns - first, width = FN(width)(plan->columns, first);
    FN(chunk) part = *chunk;
    part.slope += first;
    if (left < width) {
      for (int64_t p = 0; p < chunk->count; p++) {
        places[p] = p * width;
        for (int64_t c = 0; c < width; c++)
          filled[p * width + c] = c < left ? part.slope[chunk->out[p] + c] : 0;
      }
      part.slope = filled;
      part.out = places;
    }
    if (width > W) FN(all_rows)(2, &part, gradient + first * plan->rows);
    else FN(all_rows)(1, &part, gradient + first * plan->rows);
  }
}

/// How many pixels to sum over: their slopes and inputs should stay in the first-level cache.
INLINE int64_t FN(chunk_count)(const nn_convolution_plan *plan,
                               const nn_convolution_group *group) {
  int64_t scalars = 2 * W;
  for (int64_t r = 0; r < group->run_count; r++)
    if (scalars < group->runs[r].length) scalars = group->runs[r].length;
  int64_t count = CHUNK_SCALARS / (plan->columns + scalars);
  return count < CHUNK_MIN ? CHUNK_MIN : count > CHUNK_MAX ? CHUNK_MAX : count;
}

static void FN(add_weight_gradient)(const nn_convolution_plan *plan, int64_t images,
                                    const float *input, const float *output_gradient,
                                    float *gradient) {
  int64_t in[CHUNK_MAX], out[CHUNK_MAX];
  for (int64_t g = 0; g < plan->group_count; g++) {
    const nn_convolution_group *group = plan->groups + g;
    int64_t size = FN(chunk_count)(plan, group), total = images * group->pixel_count;
    for (int64_t first = 0; first < total; first += size) {
      FN(chunk) chunk = {.group = group, .count = total - first < size ? total - first : size,
                         .input = input, .in = in, .slope = output_gradient, .out = out};
      FN(find)(plan, group, images, first, chunk.count, in, out);
      FN(add_chunk)(plan, &chunk, gradient);
    }
  }
}

/// One vector of channels of some pixels; `width` is that of the packed weights' block.
INLINE void FN(depthwise_tile)(const int is_whole, const FN(block) *block, int64_t width,
                               const int64_t *in, const int64_t *out) {
  int64_t lanes = is_whole ? W : block->columns;
  vf sum[SMALL];
  UNROLL for (int p = 0; p < SMALL; p++) sum[p] = LOAD(block->bias);
  for (int64_t r = 0; r < block->group->run_count; r++) {
    const float *x = block->input + block->group->runs[r].input;
    vf weight = LOAD(block->packed + block->group->runs[r].row * width);
    UNROLL for (int p = 0; p < SMALL; p++) sum[p] += weight * FN(load)(x + in[p], lanes);
  }
  UNROLL for (int p = 0; p < SMALL; p++) FN(store)(block->output + out[p], sum[p], lanes);
}

/// All channels of some pixels.
INLINE void FN(depthwise_pixels)(const nn_convolution_plan *plan,
                                 const nn_convolution_group *group, const float *input,
                                 const int64_t *in, const float *packed, const float *bias,
                                 float *output, const int64_t *out) {
  for (int64_t c = 0; c < plan->columns; c += W) {
    int64_t first = c - c % (2 * W), width = FN(width)(plan->columns, first);
    float start[W] = {0};
    FN(block) block = {.group = group, .input = input + c, .bias = start, .output = output + c,
                       .packed = packed + first * plan->rows + (c - first),
                       .columns = plan->columns - c};
    if (bias) STORE(start) = FN(load)(bias + c, block.columns);
    if (block.columns >= W) FN(depthwise_tile)(1, &block, width, in, out);
    else FN(depthwise_tile)(0, &block, width, in, out);
  }
}

static void FN(convolve_depthwise)(const nn_convolution_plan *plan, int64_t images,
                                   const float *input, const float *packed, const float *bias,
                                   float *output) {
  int64_t in[SMALL], out[SMALL];
  for (int64_t g = 0; g < plan->group_count; g++) {
    const nn_convolution_group *group = plan->groups + g;
    int64_t total = images * group->pixel_count;
    for (int64_t first = 0; first < total; first += SMALL) {
      int64_t start = total - first >= SMALL || total < SMALL ? first : total - SMALL;
      FN(find)(plan, group, images, start, SMALL, in, out);
      FN(depthwise_pixels)(plan, group, input, in, packed, bias, output, out);
    }
  }
}

/// The gradient of some taps' weights, one vector of channels, over a chunk of pixels.
INLINE void FN(depthwise_taps)(const int taps, const int is_whole, const FN(chunk) *chunk,
                               const nn_convolution_run *runs, int64_t width, float *gradient,
                               int64_t channels) {
  vf sum[9];
  UNROLL for (int t = 0; t < taps; t++) sum[t] = LOAD(gradient + runs[t].row * width);
  for (int64_t p = 0; p < chunk->count; p++) {
    const float *x = chunk->input + chunk->in[p];
    vf slope = FN(load)(chunk->slope + chunk->out[p], is_whole ? W : channels);
    UNROLL for (int t = 0; t < taps; t++)
      sum[t] += slope * FN(load)(x + runs[t].input, is_whole ? W : channels);
  }
  UNROLL for (int t = 0; t < taps; t++) STORE(gradient + runs[t].row * width) = sum[t];
}

/// All taps of a group.
INLINE void FN(depthwise_all_taps)(const int is_whole, const FN(chunk) *chunk, int64_t width,
                                   float *gradient, int64_t channels) {
  const nn_convolution_run *run = chunk->group->runs, *end = run + chunk->group->run_count;
  for (; end - run >= 9; run += 9)
    FN(depthwise_taps)(9, is_whole, chunk, run, width, gradient, channels);
  for (; end - run >= 3; run += 3)
    FN(depthwise_taps)(3, is_whole, chunk, run, width, gradient, channels);
  for (; run < end; run++)
    FN(depthwise_taps)(1, is_whole, chunk, run, width, gradient, channels);
}

static void FN(add_depthwise_weight_gradient)(const nn_convolution_plan *plan, int64_t images,
                                              const float *input, const float *output_gradient,
                                              float *gradient) {
  int64_t in[CHUNK_MIN], out[CHUNK_MIN];
  for (int64_t g = 0; g < plan->group_count; g++) {
    const nn_convolution_group *group = plan->groups + g;
    int64_t total = images * group->pixel_count;
    for (int64_t first = 0; first < total; first += CHUNK_MIN) {
      int64_t left = total - first, count = left < CHUNK_MIN ? left : CHUNK_MIN;
      FN(find)(plan, group, images, first, count, in, out);
      for (int64_t c = 0; c < plan->columns; c += W) {
        int64_t block = c - c % (2 * W), width = FN(width)(plan->columns, block);
        FN(chunk) chunk = {.group = group, .count = count, .input = input + c, .in = in,
                           .slope = output_gradient + c, .out = out};
        float *to = gradient + block * plan->rows + (c - block);
        if (c + W <= plan->columns) FN(depthwise_all_taps)(1, &chunk, width, to, W);
        else FN(depthwise_all_taps)(0, &chunk, width, to, plan->columns - c);
      }
    }
  }
}

static const nn_convolution_kernels FN(kernels) = {
    .name = LEVEL,
    .column_multiple = W,
    .pack = FN(pack),
    .unpack = FN(unpack),
    .convolve = FN(convolve),
    .add_weight_gradient = FN(add_weight_gradient),
    .convolve_depthwise = FN(convolve_depthwise),
    .add_depthwise_weight_gradient = FN(add_depthwise_weight_gradient),
};
