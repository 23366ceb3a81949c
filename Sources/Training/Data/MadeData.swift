import OperatingSystem
import Tensors

/// How many samples to make, and from which seed.
struct MadeCounts: Sendable, Equatable {
  let seed: UInt64
  let training, validation: Int

  var count: Int { training + validation }

  /// More memory than made samples are worth: 16 GiB.
  private static let bytesMax = 16 << 30

  /// - Parameter sampleBytes: what one sample takes in memory.
  init(
    _ object: ExperimentObject, training: Int, validation: Int, sampleBytes: Int
  ) throws {
    self.training = try object.integer("trainingCount", in: 1...10_000_000, default: training)
    self.validation = try object.integer("validationCount", in: 1...1_000_000, default: validation)
    seed = try object.seed()
    let (bytes, overflow) = count.multipliedReportingOverflow(by: sampleBytes)
    guard !overflow, bytes <= Self.bytesMax else {
      throw object.error(
        "trainingCount",
        "\(count) samples of \(sampleBytes) bytes each are more than \(Self.bytesMax >> 30) GiB; "
          + "make fewer or smaller ones")
    }
  }
}

/// A source that makes its samples: sample i is a pure function of the seed and i.
protocol MadeSource: DataSource {
  var counts: MadeCounts { get }
  func make(pool: WorkerPool) -> SampleSet
}

extension MadeSource {
  var division: DataDivision { .given }

  func read(pool: WorkerPool, files: any FileSystem) throws -> SampleSet {
    var set = make(pool: pool)
    set.trainingCount = counts.training
    return set
  }
}
