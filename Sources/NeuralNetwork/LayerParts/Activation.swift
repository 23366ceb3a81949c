import Tensors

/// A layer that applies one function to each of its scalars, whatever the shape.
///
/// It computes in place when nobody else needs its input and the output tells the derivative.
public protocol Activation: LayerDescription, ActivationFunction {}

extension Activation {
  public var readsOutput: Bool { derivesFromOutput }

  public var channelFlow: ChannelTrace.Flow { .passes(keepsZero: value(at: 0 as Float) == 0) }

  public func outputShape(for inputShape: [Int]) throws(ShapeMismatch) -> [Int] {
    inputShape
  }

  public func makeLayer<Scalar: TensorScalar>(
    _ construction: LayerConstruction<Scalar>
  ) -> any Layer<Scalar> {
    ActivationLayer(self, construction)
  }
}

final class ActivationLayer<Scalar: TensorScalar, Function: ActivationFunction>: Layer,
  ParallelWork
{
  let name: String
  let flopsPerSample: Int

  private let function: Function
  private let size: Int
  private let pool: WorkerPool
  /// nil: computes in place.
  private let ownOutput: Tensor<Scalar>?
  private var input, output, gradient: Tensor<Scalar>?
  private var blocks = RowBlocks(rows: 0, columns: 0)

  init(_ function: Function, _ construction: LayerConstruction<Scalar>) {
    name = construction.name
    self.function = function
    size = construction.inputSize
    flopsPerSample = size
    pool = construction.pool
    let isInPlace = construction.mayOverwriteInput && function.derivesFromOutput
    ownOutput = isInPlace ? nil : construction.makeOutput()
  }

  func forward(_ input: Tensor<Scalar>, _ pass: Pass) -> Tensor<Scalar> {
    let output = ownOutput ?? input
    (self.input, self.output, gradient) = (input, output, nil)
    run(pass)
    return output
  }

  func backward(
    _ outputGradient: Tensor<Scalar>, _ pass: Pass, needsInputGradient: Bool
  ) -> Tensor<Scalar>? {
    guard needsInputGradient else { return outputGradient }
    gradient = outputGradient
    run(pass)
    gradient = nil
    return outputGradient
  }

  private func run(_ pass: Pass) {
    blocks = RowBlocks(rows: pass.rows, columns: size)
    pool.run(self, blocks: blocks.count)
  }

  func perform(block: Int) {
    guard let input, let output else { preconditionFailure("backward follows a forward") }
    let range = blocks.range(of: block)
    let (first, count) = (range.lowerBound * size, range.count * size)
    if let gradient {
      let kept = function.derivesFromOutput ? output : input
      Scalar.multiply(
        gradient.scalars + first, byDerivativeOf: function, at: kept.scalars + first,
        count: count)
    } else {
      Scalar.apply(
        function, to: input.scalars + first, into: output.scalars + first, count: count)
    }
  }
}
