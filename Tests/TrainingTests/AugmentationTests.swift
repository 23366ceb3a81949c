import Tensors
import Testing

@testable import Training

/// The laws of random changes, checked on images whose pixels are all different.
@Suite struct AugmentationTests {
  private static let height = 6
  private static let width = 7
  /// 33 of them train, so that the mean, 37.5 and so on, is no pixel's value.
  private static let count = 41

  /// Pixel values 1, 2, …, 42 times a factor that differs by channel and sample.
  private func value(_ sample: Int, _ row: Int, _ column: Int, _ channel: Int) -> Int {
    row * Self.width + column + 1 + 43 * channel + sample
  }

  private func dataset(
    _ augmentation: Augmentation?, channels: Int, isBytes: Bool,
    normalization: Normalization = .none
  ) -> Dataset {
    var numbers: [Int] = []
    for sample in 0..<Self.count {
      for row in 0..<Self.height {
        for column in 0..<Self.width {
          for channel in 0..<channels { numbers.append(value(sample, row, column, channel)) }
        }
      }
    }
    let shape = [Self.height, Self.width] + (channels > 1 ? [channels] : [])
    return Dataset(
      SampleSet(
        samples: isBytes ? .bytes(numbers.map { UInt8($0) }) : .floats(numbers.map { Float($0) }),
        sampleShape: shape,
        targets: .classes((0..<Int32(Self.count)).map { $0 }, perSample: 1, count: Self.count),
        channelCount: channels, isImage: true, trainingCount: Self.count - 8),
      normalization: normalization, augmentation: augmentation)
  }

  /// All training images of some epochs, in the samples' order of each.
  private func images(_ dataset: Dataset, epochs: Range<Int>, seed: UInt64 = 1) -> [[Float]] {
    let loader = DataLoader(dataset, batchSize: 5, seed: seed)
    return epochs.flatMap { epoch in
      var images = [[Float]](repeating: [], count: dataset.trainingCount)
      for step in 0..<loader.stepsPerEpoch {
        let batch = loader.trainingBatch(step: epoch * loader.stepsPerEpoch + step)
        for row in 0..<batch.rows {
          let start = batch.input.scalars + row * dataset.sampleSize
          images[Int(batch.classes[row])] = Array(
            UnsafeBufferPointer(start: start, count: dataset.sampleSize))
        }
      }
      return images
    }
  }

  /// The image that a shift and a flip make, plainly.
  private func changed(
    _ sample: Int, rows: Int, columns: Int, isFlipped: Bool, channels: Int
  ) -> [Float] {
    var result: [Float] = []
    for row in 0..<Self.height {
      for column in 0..<Self.width {
        let from = (row + rows, (isFlipped ? Self.width - 1 - column : column) + columns)
        let isInside = (0..<Self.height).contains(from.0) && (0..<Self.width).contains(from.1)
        for channel in 0..<channels {
          result.append(isInside ? Float(value(sample, from.0, from.1, channel)) : 0)
        }
      }
    }
    return result
  }

  struct Kind: CustomTestStringConvertible {
    var channels: Int
    var isBytes: Bool
    var testDescription: String { "\(channels) channels, \(isBytes ? "bytes" : "floats")" }
  }
  static let kinds = [
    Kind(channels: 1, isBytes: true), Kind(channels: 3, isBytes: true),
    Kind(channels: 1, isBytes: false), Kind(channels: 2, isBytes: false),
  ]

  @Test(arguments: kinds) func aShiftMovesAndFillsWithZero(kind: Kind) throws {
    for (shift, crop, isFlipped) in [(2, 0, false), (0, 1, true), (1, 1, true)] {
      var augmentation = Augmentation()
      augmentation.shift = shift
      augmentation.crop = crop
      augmentation.isFlipped = isFlipped
      let dataset = dataset(augmentation, channels: kind.channels, isBytes: kind.isBytes)
      let reach = shift + crop
      var counts: [[Int]: Int] = [:]
      for (index, image) in images(dataset, epochs: 0..<30).enumerated() {
        let sample = index % dataset.trainingCount
        var found: [[Int]] = []
        for rows in -reach...reach {
          for columns in -reach...reach {
            for flip in isFlipped ? [0, 1] : [0] {
              let expected = changed(
                sample, rows: rows, columns: columns, isFlipped: flip == 1, channels: kind.channels)
              if expected == image { found.append([rows, columns, flip]) }
            }
          }
        }
        try #require(found.count == 1, "image \(index)")
        counts[found[0], default: 0] += 1
      }
      // 990 images: every change happens, and one that is not a sum equally often.
      let all = (2 * reach + 1) * (2 * reach + 1) * (isFlipped ? 2 : 1)
      #expect(counts.count == all)
      let flips = counts.reduce(0) { $0 + ($1.key[2] == 1 ? $1.value : 0) }
      #expect(isFlipped ? (415...575).contains(flips) : flips == 0)
      if shift == 0 || crop == 0 {
        let expected = 990 / all
        #expect(counts.values.allSatisfy { $0 > expected / 4 && $0 < expected * 2 })
      }
    }
  }

  @Test(arguments: kinds) func zeroIsNormalisedLikeAllPixelsAndACutoutIsTheMean(kind: Kind) {
    var augmentation = Augmentation()
    augmentation.shift = 2
    let shifted = dataset(
      augmentation, channels: kind.channels, isBytes: kind.isBytes, normalization: .standard)
    let plain = dataset(nil, channels: kind.channels, isBytes: kind.isBytes)
    let (raw, ready) = (
      images(dataset(augmentation, channels: kind.channels, isBytes: kind.isBytes), epochs: 0..<1),
      images(shifted, epochs: 0..<1)
    )
    // The same changes with other numbers: mean and deviation taken from the plain images.
    let all = images(plain, epochs: 0..<1)
    for channel in 0..<kind.channels {
      func every(_ images: [[Float]]) -> [Double] {
        images.flatMap { image in
          stride(from: channel, to: image.count, by: kind.channels).map { Double(image[$0]) }
        }
      }
      let values = every(all)
      let mean = values.reduce(0, +) / Double(values.count)
      let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
        .squareRoot()
      for (input, number) in zip(every(ready), every(raw)) {
        #expect(abs(input - (number - mean) / deviation) < 1e-5)
      }
      augmentation.shift = 0
      augmentation.cutout = 3
      for normalization in [Normalization.none, .standard] {
        let cut = dataset(
          augmentation, channels: kind.channels, isBytes: kind.isBytes,
          normalization: normalization)
        #expect(
          abs(Double(cut.scaling.mean[channel]) - (normalization == .none ? mean : 0)) < 1e-4)
      }
      augmentation.cutout = 0
      augmentation.shift = 2
    }
  }

  @Test(arguments: kinds, [1, 2, 3, 6]) func aCutoutIsASquareCutOffAtTheEdges(
    kind: Kind, side: Int
  ) {
    var augmentation = Augmentation()
    augmentation.cutout = side
    let dataset = dataset(augmentation, channels: kind.channels, isBytes: kind.isBytes)
    var areas: Set<Int> = []
    for (index, image) in images(dataset, epochs: 0..<20).enumerated() {
      let plain = changed(
        index % dataset.trainingCount, rows: 0, columns: 0, isFlipped: false,
        channels: kind.channels)
      let cut = (0..<Self.height * Self.width).filter { pixel in
        let numbers = pixel * kind.channels..<(pixel + 1) * kind.channels
        return image[numbers].elementsEqual(dataset.scaling.mean)
      }
      // What is not cut is as it was.
      for pixel in 0..<Self.height * Self.width where !cut.contains(pixel) {
        let numbers = pixel * kind.channels..<(pixel + 1) * kind.channels
        #expect(image[numbers].elementsEqual(plain[numbers]))
      }
      let (rows, columns) = (Set(cut.map { $0 / Self.width }), Set(cut.map { $0 % Self.width }))
      #expect(cut.count == rows.count * columns.count)
      #expect((1...side).contains(rows.count) && (1...side).contains(columns.count))
      areas.insert(cut.count)
    }
    #expect(areas.max() == min(side, Self.height) * min(side, Self.width))
  }

  @Test func whatHappensIsDecidedBySeedEpochAndSample() {
    var augmentation = Augmentation()
    augmentation.shift = 2
    augmentation.isFlipped = true
    augmentation.cutout = 2
    let dataset = dataset(augmentation, channels: 1, isBytes: true)
    let both = images(dataset, epochs: 0..<2)
    let isSame = images(dataset, epochs: 1..<2) == Array(both[dataset.trainingCount...])
    #expect(isSame)
    let isOther = images(dataset, epochs: 0..<1, seed: 2) != Array(both[..<dataset.trainingCount])
    #expect(isOther)
    let changed = (0..<dataset.trainingCount).count { both[$0] != both[$0 + dataset.trainingCount] }
    #expect(changed > dataset.trainingCount / 2)
  }

  @Test func validationIsLeftAlone() throws {
    var augmentation = Augmentation()
    augmentation.shift = 2
    augmentation.isFlipped = true
    augmentation.cutout = 3
    let dataset = dataset(augmentation, channels: 3, isBytes: true)
    let loader = DataLoader(dataset, batchSize: 8, seed: 1)
    let batch = try #require(loader.validationBatch(0))
    #expect(batch.rows == 8)
    for row in 0..<8 {
      let plain = changed(33 + row, rows: 0, columns: 0, isFlipped: false, channels: 3)
      let start = batch.input.scalars + row * dataset.sampleSize
      #expect(UnsafeBufferPointer(start: start, count: plain.count).elementsEqual(plain))
    }
  }

  @Test(arguments: [
    (
      "\"kind\": \"glyphs\", \"augmentation\": {\"shift\": 20, \"crop\": 8}",
      "my.json:1: data.augmentation: a shift and crop of 28 pixels may leave nothing of images of "
        + "[28, 28]"
    ),
    (
      "\"kind\": \"glyphs\", \"augmentation\": {\"cutout\": 29}",
      "my.json:1: data.augmentation: a cutout of 29 pixels is larger than [28, 28]"
    ),
    (
      "\"kind\": \"sequentialGlyphs\", \"augmentation\": {\"flip\": true}",
      "my.json:1: data.augmentation: is for images, these samples are [784, 1]"
    ),
    (
      "\"kind\": \"adding\", \"augmentation\": {\"flip\": 1}",
      "my.json:1: data.augmentation.flip: "
    ),
    ("\"augmentation\": {\"rotation\": 1}", "my.json:1: data.augmentation.rotation: unknown field"),
  ])
  func mistakesAreToldBeforeAnythingBegins(data: String, expected: String) throws {
    let line = try DataText("{\(data)}").mistake(in: TemporaryDirectory())
    #expect(line.hasPrefix(expected), "\(line)")
  }

  @Test func settingsReachTheLoader() throws {
    let home = try TemporaryDirectory()
    let dataset = try DataText(
      """
      {"trainingCount": 30, "validationCount": 1, "shuffle": false,
       "augmentation": {"shift": 1, "flip": true, "crop": 2, "cutout": 3}}
      """
    ).load(in: home)
    var expected = Augmentation()
    expected.shift = 1
    expected.isFlipped = true
    expected.crop = 2
    expected.cutout = 3
    #expect(dataset.augmentation == expected && !dataset.isShuffled)
  }
}
