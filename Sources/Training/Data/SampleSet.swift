import NeuralNetwork

/// Samples with their targets as a source gives them: as they are, and not divided yet unless the
/// source did it.
struct SampleSet {
  var samples: Samples
  /// Of one sample: [height, width] or [height, width, channels] of an image, [steps, features] of
  /// a sequence, [n] of a vector.
  var sampleShape: [Int]
  var targets: SampleTargets
  /// The valid steps of each sample's sequence; nil: all of them.
  var lengths: [Int32]?
  /// By class; empty when they have none.
  var classNames: [String] = []
  /// How the numbers are normalised: those at the same position modulo this belong together.
  var channelCount = 1
  /// Only images can be augmented.
  var isImage = false
  /// The source's own division: that many samples train, the rest validates; nil: none.
  var trainingCount: Int?

  var count: Int { targets.sampleCount }
  var sampleSize: Int { sampleShape.reduce(1, *) }

  /// These to train on, others of another file to validate on.
  /// - Parameters:
  ///   - path: the file of these samples.
  ///   - otherPath: that of the others.
  func validated(
    by others: SampleSet, path: String, otherPath: String
  ) throws -> SampleSet {
    guard others.sampleShape == sampleShape else {
      throw ExperimentError(
        place: otherPath,
        problem: "holds samples of \(others.sampleShape), but \(path) holds samples of "
          + "\(sampleShape)")
    }
    guard let targets = targets.joined(with: others.targets) else {
      throw ExperimentError(
        place: otherPath,
        problem: "its samples have \(others.targets.perSample) targets each, those of \(path) "
          + "have \(targets.perSample)")
    }
    var result = self
    result.samples = samples.joined(with: others.samples)
    result.targets = targets
    guard (lengths == nil) == (others.lengths == nil) else {
      throw ExperimentError(
        place: otherPath, problem: "lengths are given for one of training and validation only")
    }
    result.lengths = lengths.map { $0 + (others.lengths ?? []) }
    result.trainingCount = count
    return result
  }
}

extension SampleSet {
  /// Takes the samples of some numbers, in their order.
  mutating func reorder(_ order: [Int]) {
    samples = samples.gathered(order, sampleSize: sampleSize)
    targets = targets.gathered(order)
    lengths = lengths.map { lengths in order.map { lengths[$0] } }
  }

  /// From [channels, …] to […, channels].
  mutating func moveFirstAxisLast() {
    let channels = sampleShape.removeFirst()
    let size = sampleShape.reduce(1, *)
    sampleShape.append(channels)
    switch samples {
    case .bytes(let bytes):
      samples = .bytes(bytes.transposed(blocks: count, rows: channels, columns: size))
    case .floats(let floats):
      samples = .floats(floats.transposed(blocks: count, rows: channels, columns: size))
    }
  }
}

extension Array {
  /// From [blocks, rows, columns] to [blocks, columns, rows].
  fileprivate func transposed(blocks: Int, rows: Int, columns: Int) -> [Element] {
    [Element](unsafeUninitializedCapacity: count) { result, initializedCount in
      var place = 0
      for block in 0..<blocks {
        let first = block * rows * columns
        for column in 0..<columns {
          for row in 0..<rows {
            result.initializeElement(at: place, to: self[first + row * columns + column])
            place += 1
          }
        }
      }
      initializedCount = place
    }
  }
}

/// What a network has to fit: the shape of a sample and what is asked about it.
public struct DatasetOutline: Sendable, Equatable {
  public var sampleShape: [Int]
  public var targetShape: TargetShape
  /// By class; empty when they have none.
  public var classNames: [String] = []
}
