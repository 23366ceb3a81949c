import Tensors

@testable import NeuralNetwork

extension RandomSource {
  static func forTest(_ index: UInt32) -> RandomSource {
    RandomSource(seed: 7, purpose: .noise, index: index)
  }

  /// Scalars between -1 and 1, none closer to 0 than 0.01, where a rectifier bends.
  mutating func tensor<Scalar>(_ shape: [Int]) -> Tensor<Scalar> {
    let tensor = Tensor<Scalar>(shape: shape)
    for index in 0..<tensor.count {
      let magnitude = uniform(in: 0.01...1)
      tensor[index] = Scalar(integer(below: 2) == 0 ? magnitude : -magnitude)
    }
    return tensor
  }

  /// A prunable parameter with random values.
  mutating func parameter<Scalar>(_ name: String, _ shape: [Int]) -> Parameter<Scalar> {
    let parameter = Parameter<Scalar>(
      name: name, moduleName: name, role: .weight, shape: shape)
    parameter.value.copy(from: tensor(shape))
    return parameter
  }
}

extension Tensor {
  var doubles: [Double] { withExtendedLifetime(self) { buffer.map(\.double) } }
}

extension Tensor where Scalar == Float {
  /// What equality of bits is judged by: NaN equals itself, 0 is not -0.
  var bits: [UInt32] { buffer.map(\.bitPattern) }
}
