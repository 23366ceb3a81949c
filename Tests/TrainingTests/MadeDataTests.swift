import Glibc
import Tensors
import Testing

@testable import Training

/// Samples that the program makes: their targets are found again from their inputs.
@Suite struct MadeDataTests {
  private let home: TemporaryDirectory

  init() throws {
    home = try TemporaryDirectory()
  }

  private func load(_ text: String, threads: Int = 1) throws -> Dataset {
    try DataText(text).load(in: home, threads: threads)
  }

  private func floats(_ dataset: Dataset) -> [Float] {
    if case .floats(let floats) = dataset.samples { return floats }
    return []
  }

  private func bytes(_ dataset: Dataset) -> [UInt8] {
    if case .bytes(let bytes) = dataset.samples { return bytes }
    return []
  }

  @Test(arguments: [2, 3, 9, 100]) func addingIsTheSumOfTheTwoMarked(steps: Int) throws {
    let dataset = try load(
      """
      {"kind": "adding", "steps": \(steps), "trainingCount": 2000, "validationCount": 500}
      """
    )
    #expect(dataset.sampleShape == [steps, 2] && dataset.trainingCount == 2000)
    let inputs = floats(dataset)
    guard case .values(let sums, 1) = dataset.targets else {
      Issue.record("the adding problem is regression")
      return
    }
    #expect(sums.count == 2500 && inputs.allSatisfy { $0 >= 0 && $0 <= 1 })
    var steps1: Set<Int> = []
    for sample in 0..<2500 {
      let marked = (0..<steps).filter { inputs[(sample * steps + $0) * 2 + 1] == 1 }
      let others = (0..<steps).filter { inputs[(sample * steps + $0) * 2 + 1] == 0 }
      try #require(marked.count == 2 && others.count == steps - 2)
      #expect(marked[0] < steps / 2 && marked[1] >= steps / 2)
      steps1.formUnion(marked)
      #expect(sums[sample] == marked.reduce(0) { $0 + inputs[(sample * steps + $1) * 2] })
    }
    #expect(steps1.count == steps)
    // Always answering 1: 1/6, with a deviation of √(7/180 / 2500).
    let error = sums.reduce(0.0) { $0 + Double(($1 - 1) * ($1 - 1)) } / 2500
    #expect(abs(error - 1.0 / 6) < 5 * (7.0 / 180 / 2500).squareRoot())
  }

  @Test(arguments: [(1, 1, 2), (5, 3, 8), (20, 10, 4)])
  func copyMemoryRepeatsItsBeginning(delay: Int, length: Int, symbols: Int) throws {
    let dataset = try load(
      """
      {"kind": "copyMemory", "delay": \(delay), "length": \(length), "symbols": \(symbols),
       "trainingCount": 300, "validationCount": 100}
      """)
    let (steps, features) = (delay + 2 * length, symbols + 2)
    #expect(dataset.sampleShape == [steps, features])
    guard case .classes(let classes, steps, symbols + 1) = dataset.targets else {
      Issue.record("every step has a class")
      return
    }
    let inputs = bytes(dataset)
    #expect(
      dataset.scaling == ChannelScaling(channelCount: features).with(mean: dataset.scaling.mean))
    for sample in 0..<400 {
      let shown = try (0..<steps).map { step in
        let first = (sample * steps + step) * features
        let row = inputs[first..<first + features]
        try #require(row.reduce(0, +) == 1)
        return (row.firstIndex(of: 1) ?? 0) - first
      }
      let blanks = { [Int](repeating: symbols, count: $0) }
      let start = Array(shown[..<length])
      #expect(start.allSatisfy { $0 < symbols })
      #expect(Array(shown[length...]) == blanks(delay - 1) + [symbols + 1] + blanks(length))
      let targets = classes[sample * steps..<(sample + 1) * steps].map { Int($0) }
      #expect(targets == blanks(delay + length) + start)
    }
    #expect(Set(classes).count == symbols + 1)
  }

  @Test func spiralsLieOnTheirArms() throws {
    let dataset = try load(
      """
      {"kind": "spirals", "classes": 4, "noise": 0, "trainingCount": 90, "validationCount": 10,
       "normalization": "none"}
      """)
    #expect(dataset.sampleShape == [2] && dataset.targetShape.outputs == 4)
    let points = floats(dataset)
    for index in 0..<100 {
      let (x, y) = (Double(points[2 * index]), Double(points[2 * index + 1]))
      let radius = (x * x + y * y).squareRoot()
      // On an arm the angle grows by a turn from the middle to the end.
      let turn = Double(index % 4) / 4 + radius
      #expect(abs(x - radius * cos(2 * Double.pi * turn)) < 1e-5)
      #expect(abs(y - radius * sin(2 * Double.pi * turn)) < 1e-5)
    }
    let noisy = try load("{\"kind\": \"spirals\", \"noise\": 0.1}")
    #expect(noisy.trainingCount == 3_000 && noisy.targetShape.outputs == 3)
  }

  @Test func sequencesOfGlyphsAreTheGlyphs() throws {
    let counts = "\"trainingCount\": 300, \"validationCount\": 20, \"seed\": 5"
    let images = try load("{\"kind\": \"glyphs\", \(counts)}")
    let sequences = try load("{\"kind\": \"sequentialGlyphs\", \(counts)}")
    let permuted = try load("{\"kind\": \"permutedGlyphs\", \(counts)}", threads: 2)
    #expect(images.sampleShape == [28, 28] && sequences.sampleShape == [784, 1])
    #expect(permuted.sampleShape == [784, 1])
    let isSame = images.samples == sequences.samples
    #expect(isSame && images.targets == sequences.targets && images.targets == permuted.targets)
    // One permutation for all: a column of one is a column of the other.
    let (from, to) = (bytes(images), bytes(permuted))
    func column(_ pixel: Int, _ bytes: [UInt8]) -> [UInt8] {
      (0..<320).map { bytes[$0 * 784 + pixel] }
    }
    let places = Dictionary(grouping: 0..<784) { column($0, from) }
    var hits: Set<Int> = []
    for pixel in 0..<784 {
      let found = places[column(pixel, to)] ?? []
      #expect(!found.isEmpty)
      hits.formUnion(found)
    }
    #expect(hits.count == 784)
    let isPermuted = from != to
    #expect(isPermuted)
  }

  @Test(arguments: ["adding", "copyMemory", "spirals", "permutedGlyphs", "glyphs"])
  func aSeedDecidesAndASampleDoesNotDependOnTheirNumber(kind: String) throws {
    func load(_ seed: Int, _ count: Int) throws -> Dataset {
      try self.load(
        """
        {"kind": "\(kind)", "seed": \(seed), "trainingCount": \(count), "validationCount": 1,
         "normalization": "none"}
        """)
    }
    let (first, again, other, more) = (
      try load(3, 30), try load(3, 30), try load(4, 30), try load(3, 50)
    )
    let isSame = first.samples == again.samples && first.targets == again.targets
    #expect(isSame)
    let isOther = first.samples != other.samples
    #expect(isOther)
    let order = Array(0..<31)
    let prefix = more.samples.gathered(order, sampleSize: more.sampleSize)
    let isPrefix = prefix == first.samples && more.targets.gathered(order) == first.targets
    #expect(isPrefix)
  }

  @Test func whatDoesNotFitIntoMemoryIsTold() throws {
    #expect(
      try DataText("{\"kind\": \"adding\", \"steps\": 100000, \"trainingCount\": 10000000}")
        .mistake(in: home)
        == "my.json:1: data.trainingCount: 10001000 samples of 800004 bytes each are more than "
        + "16 GiB; make fewer or smaller ones")
    #expect(
      try DataText("{\"kind\": \"copyMemory\", \"delay\": 0}").mistake(in: home)
        == "my.json:1: data.delay: found 0, expected an integer from 1 to 100000")
  }

  @Test func everyKindIsListedAndAlone() {
    let kinds = DataSourceCatalogue.kinds.map { $0.kind }
    #expect(kinds.first == "glyphs" && Set(kinds).count == kinds.count && kinds.count == 10)
  }
}

extension ChannelScaling {
  fileprivate func with(mean: [Float]) -> ChannelScaling {
    var copy = self
    copy.mean = mean
    return copy
  }
}
