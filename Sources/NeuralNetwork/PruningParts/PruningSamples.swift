import Tensors

/// Copies of some batches of training samples, for methods that look at activations or gradients.
public final class PruningSamples<Scalar: TensorScalar> {
  public struct Batch {
    /// [rows, …]
    public let input: Tensor<Scalar>
    public let rows: Int
    fileprivate let labels: [Int32]
    fileprivate let values: [Scalar]
    fileprivate let perSample: Int
    fileprivate let lengths: [Int32]?
  }

  public private(set) var batches: [Batch] = []
  /// Samples in all batches.
  public var count: Int { batches.reduce(0) { $0 + $1.rows } }
  public var isEmpty: Bool { batches.isEmpty }

  public init() {}

  /// Copies a batch.
  public func append(
    _ input: Tensor<Scalar>, _ targets: Targets<Scalar>, rows: Int,
    lengths: UnsafePointer<Int32>?
  ) {
    guard rows > 0, let capacity = input.shape.first, capacity >= rows else { return }
    let copy = Tensor<Scalar>(shape: [rows] + input.shape.dropFirst())
    copy.scalars.update(from: input.scalars, count: copy.count)
    var (labels, values, perSample): ([Int32], [Scalar], Int) = ([], [], 0)
    switch targets {
    case .classes(let start, let count):
      labels = Array(UnsafeBufferPointer(start: start, count: rows * count))
      perSample = count
    case .values(let start, let count):
      values = Array(UnsafeBufferPointer(start: start, count: rows * count))
      perSample = count
    }
    batches.append(
      Batch(
        input: copy, rows: rows, labels: labels, values: values, perSample: perSample,
        lengths: lengths.map { Array(UnsafeBufferPointer(start: $0, count: rows)) }))
  }

  /// The first batches, as many as it takes for so many samples.
  public func prefix(_ count: Int) -> PruningSamples {
    let part = PruningSamples()
    for batch in batches where part.count < count { part.batches.append(batch) }
    return part
  }

  /// Lets a network compute every batch in turn, without training.
  /// - Parameter body: gets what the network needs of each batch.
  public func forEach(
    _ body: (_ input: Tensor<Scalar>, _ targets: Targets<Scalar>, _ pass: Pass) -> Void
  ) {
    for batch in batches {
      batch.labels.withUnsafeBufferPointer { labels in
        batch.values.withUnsafeBufferPointer { values in
          (batch.lengths ?? []).withUnsafeBufferPointer { lengths in
            let pass = Pass.evaluation(
              rows: batch.rows, lengths: batch.lengths == nil ? nil : lengths.baseAddress)
            if let start = labels.baseAddress, !labels.isEmpty {
              body(batch.input, .classes(start, perSample: batch.perSample), pass)
            } else if let start = values.baseAddress {
              body(batch.input, .values(start, perSample: batch.perSample), pass)
            }
          }
        }
      }
    }
  }
}
