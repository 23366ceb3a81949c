import Tensors

/// Shows what layers read while a network computes.
final class ReaderInputs<Scalar: TensorScalar>: LayerInterceptor {
  /// The inputs of one layer for a batch.
  struct Batch {
    /// [samples, positions, columns]
    let values: UnsafePointer<Scalar>
    let samples: Int
    /// Pixels or steps at which the layer is applied; 1 for a whole sample.
    let positions: Int
    /// The layer's `ChannelReader.channels` tells of each to which channel it belongs.
    let columns: Int
    /// Valid steps of each sample; nil: all positions are valid.
    let lengths: UnsafePointer<Int32>?

    /// The positions of a sample that count.
    func valid(of sample: Int) -> Int {
      lengths.map { min(max(0, Int($0[sample])), positions) } ?? positions
    }
  }

  private let readers: [String: ChannelReader<Scalar>]
  private let show: (ChannelReader<Scalar>, Batch) -> Void

  init(
    _ readers: [ChannelReader<Scalar>],
    _ show: @escaping (ChannelReader<Scalar>, Batch) -> Void
  ) {
    self.readers = Dictionary(readers.map { ($0.layer, $0) }, uniquingKeysWith: { $1 })
    self.show = show
  }

  func willCompute(_ layer: any Layer<Scalar>, _ input: Tensor<Scalar>, _ pass: Pass) {
    guard let reader = readers[layer.name], let capacity = input.shape.first else { return }
    let columns = reader.channels.count
    let positions = input.count / capacity / columns
    show(
      reader,
      Batch(
        values: UnsafePointer(input.scalars), samples: pass.rows, positions: positions,
        columns: columns, lengths: positions > 1 ? pass.lengths : nil))
  }
}
