import Glibc
import JSONText
import Tensors
import Testing

@testable import NeuralNetwork

/// The variances are those of torch.nn.init (calculate_fan_in_and_fan_out) and its papers.
struct InitializerTests {
  /// An initialiser, the variance that it gives a weight [400, 50], and its bound; nil: none.
  struct Law: Sendable, CustomTestStringConvertible {
    let name: String
    let variance: Double
    let bound: Double?
    var testDescription: String { name }
  }

  private static let laws = [
    Law(name: "heNormal", variance: 2.0 / 50, bound: nil),
    Law(name: "heUniform", variance: 2.0 / 50, bound: (6.0 / 50).squareRoot()),
    Law(name: "xavierNormal", variance: 2.0 / 450, bound: nil),
    Law(name: "xavierUniform", variance: 2.0 / 450, bound: (6.0 / 450).squareRoot()),
    Law(name: "lecunNormal", variance: 1.0 / 50, bound: nil),
    Law(name: "orthogonal", variance: 1.0 / 400, bound: nil),
    Law(name: "pytorch", variance: 1.0 / 150, bound: (1.0 / 50).squareRoot()),
    Law(name: "zeros", variance: 0, bound: 0),
    Law(name: "normal", variance: 0.01 * 0.01, bound: nil),
  ]

  private func filled(_ initializer: Initializer, _ shape: [Int], seed: UInt32 = 1) -> [Double] {
    let weight = Tensor<Double>(shape: shape)
    var random = RandomSource.forTest(seed)
    initializer.fill(weight, &random)
    return weight.array
  }

  private func initializer(_ name: String) throws -> Initializer {
    try Initializer(JSONSettings(["initializer": .string(name)]))
  }

  @Test func everyNameHasALaw() {
    #expect(Set(Self.laws.map(\.name)) == Set(Initializer.names))
    #expect(Set(Initializer.names).count == Initializer.names.count)
  }

  @Test(arguments: laws)
  func meanAndVariance(law: Law) throws {
    let weights = filled(try initializer(law.name), [400, 50])
    let mean = weights.reduce(0, +) / 20_000
    let variance = weights.reduce(0) { $0 + $1 * $1 } / 20_000
    let deviation = law.variance.squareRoot()
    // Five standard errors of 20,000 draws.
    #expect(abs(mean) <= 5 * deviation / 20_000.squareRoot() + 1e-300)
    #expect(abs(variance - law.variance) <= 5 * law.variance * (2.0 / 20_000).squareRoot())
    if let bound = law.bound {
      #expect(weights.allSatisfy { abs($0) <= bound })
      #expect(
        weights.contains { $0 > 0.99 * bound } && weights.contains { $0 < -0.99 * bound }
          || bound == 0)
    } else if law.name != "orthogonal" {
      // A normal number is beyond three deviations with probability 0.0027.
      let far = weights.count { abs($0) > 3 * deviation }
      #expect((20...100).contains(far))
    }
  }

  /// What one output sees is the inputs times the kernel, what one input reaches the outputs times
  /// the kernel: of a weight [60, 8, 5, 3] 120 and 900.
  @Test func kernelsCount() {
    let xavier = filled(.xavierUniform, [60, 8, 5, 3])
    let bound = (6.0 / 1020).squareRoot()
    #expect(xavier.allSatisfy { abs($0) <= bound })
    #expect(xavier.contains { $0 > 0.98 * bound })
    let he = filled(.heUniform, [60, 8, 5, 3])
    #expect(he.allSatisfy { abs($0) <= (6.0 / 120).squareRoot() })
    #expect(he.contains { $0 > 0.98 * (6.0 / 120).squareRoot() })
  }

  @Test(arguments: [[1, 1], [5, 5], [3, 7], [7, 3], [16, 33], [6, 2, 3, 3], [1, 9], [9, 1]])
  func orthogonal(shape: [Int]) {
    let weights = filled(.orthogonal, shape)
    let (rows, columns) = (shape[0], shape.dropFirst().reduce(1, *))
    let (count, length) = (min(rows, columns), max(rows, columns))
    func value(_ vector: Int, _ index: Int) -> Double {
      rows <= columns ? weights[vector * columns + index] : weights[index * columns + vector]
    }
    for one in 0..<count {
      for other in 0...one {
        let product = (0..<length).reduce(0) { $0 + value(one, $1) * value(other, $1) }
        #expect(abs(product - (one == other ? 1 : 0)) < 1e-12, "\(one), \(other)")
      }
    }
  }

  @Test(arguments: Initializer.names)
  func theSeedDecides(name: String) throws {
    let initializer = try initializer(name)
    let first = filled(initializer, [7, 5])
    let (again, others) = (filled(initializer, [7, 5]), filled(initializer, [7, 5], seed: 2))
    #expect(first == again)
    #expect(first != others || name == "zeros")
    #expect(filled(initializer, [0, 5]) == [])
    #expect(filled(initializer, [3]).allSatisfy { $0.isFinite })
  }

  @Test func biasesAreZeroButForPyTorchs() {
    let bias = Tensor<Float>(shape: [1000])
    var random = RandomSource.forTest(3)
    Initializer.pytorch.fillBias(bias, inputs: 25, &random)
    #expect(bias.array.allSatisfy { abs($0) <= 0.2 })
    #expect(bias.array.contains { $0 > 0.19 })
    Initializer.heNormal.fillBias(bias, inputs: 25, &random)
    #expect(bias.array.allSatisfy { $0 == 0 })
  }

  @Test func itsSettings() throws {
    #expect(try Initializer(JSONSettings()) == .heNormal)
    #expect(try Initializer(JSONSettings(), default: "pytorch") == .pytorch)
    let settings = JSONSettings(["deviation": 0.5, "initializer": "normal"])
    #expect(try Initializer(settings) == .normal(deviation: 0.5))
  }
}
