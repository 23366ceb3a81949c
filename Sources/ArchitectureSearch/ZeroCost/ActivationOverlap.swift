import Glibc
import NeuralNetwork
import Tensors

/// How differently a network at its beginning sees the samples of a batch: each sample has a code,
/// one bit for each rectifier that tells whether it lets it pass, and the score is log |K|, where
/// K counts for each two samples the rectifiers that treat both alike (Mellor et al. 2021,
/// section 3, equations 1 and 2, "NASWOT").
///
/// Activations that rectify smoothly give the bit by their sign. Where there is none of either, the
/// sign of what the layers with weights give takes their place.
public struct ActivationOverlap: ZeroCostScore {
  public static let kind = "activationOverlap"
  public static let summary = "how differently rectifiers respond to the samples of one batch"
  public static let paper: String? =
    "Mellor et al., Neural architecture search without training, 2021, arXiv 2006.04647"

  /// The batch of the paper: the kernel grows with the square of it.
  private static let rowsMax = 128

  private static let rectifiers = [
    ReLU.kind, ClippedReLU.kind, LeakyReLU.kind, PReLU.kind, GELU.kind, SiLU.kind,
  ]

  public init() {}

  public init(_ settings: some Settings) throws {}

  public func score(
    of network: Network<Float>, _ input: Tensor<Float>, _ targets: Targets<Float>, rows: Int
  ) -> Double {
    let rows = min(rows, Self.rowsMax)
    guard rows > 0 else { return ZeroCostCatalogue.worst }
    let codes = ActivationCodes(Self.watched(network), rows: rows)
    let usual = network.observers.interceptor
    network.observers.interceptor = codes
    defer { network.observers.interceptor = usual }
    _ = network.forward(
      input, Pass(rows: rows, isTraining: true, updatesStatistics: false, step: 0))
    guard codes.count > 0 else { return ZeroCostCatalogue.worst }
    return ZeroCostCatalogue.finite(Self.logarithmOfDeterminant(codes.overlaps(), size: rows))
  }

  /// The layers whose outputs make the codes, with the numbers that each sample has there.
  private static func watched(_ network: Network<Float>) -> [ObjectIdentifier: Int] {
    let leaves = network.shapedLeaves
    let rectifiers = leaves.filter { leaf in
      Self.rectifiers.contains { leaf.layer.name.isNumbered($0) }
    }
    let weighted = leaves.filter { $0.layer.parameters.contains(where: \.isPrunable) }
    return Dictionary(
      (rectifiers.isEmpty ? weighted : rectifiers).map {
        (ObjectIdentifier($0.layer), $0.outputShape.reduce(1, *))
      }, uniquingKeysWith: { one, _ in one })
  }

  /// Of a symmetric matrix without negative eigenvalues, by elimination. What is lost in rounding
  /// counts as its size, so that samples with the same code make the result small, but finite.
  private static func logarithmOfDeterminant(_ matrix: [Double], size: Int) -> Double {
    var matrix = matrix
    let least = Double.ulpOfOne * Double(size) * (matrix.max() ?? 0)
    var result = 0.0
    for pivot in 0..<size {
      let value = matrix[pivot * size + pivot]
      guard value > least else {
        result += log(least)
        continue
      }
      result += log(value)
      for row in pivot + 1..<max(pivot + 1, size) {
        let factor = matrix[row * size + pivot] / value
        for column in pivot..<size {
          matrix[row * size + column] -= factor * matrix[pivot * size + column]
        }
      }
    }
    return result
  }
}

/// Notes for each sample of a batch which units are above zero.
private final class ActivationCodes: LayerInterceptor {
  /// Bits of each code.
  private(set) var count = 0

  private let sizes: [ObjectIdentifier: Int]
  /// For each sample 64 bits a word; each layer begins a word.
  private var codes: [[UInt64]]

  init(_ sizes: [ObjectIdentifier: Int], rows: Int) {
    self.sizes = sizes
    codes = Array(repeating: [], count: rows)
  }

  func didCompute(_ layer: any Layer<Float>, _ output: Tensor<Float>, _ pass: Pass) {
    guard let size = sizes[ObjectIdentifier(layer)] else { return }
    count += size
    for row in codes.indices {
      let values = output.scalars + row * size
      for start in stride(from: 0, to: size, by: 64) {
        var word: UInt64 = 0
        for number in start..<min(size, start + 64) where values[number] > 0 {
          word |= 1 << UInt64(number - start)
        }
        codes[row].append(word)
      }
    }
  }

  /// [rows, rows]: the bits that are the same in two codes.
  func overlaps() -> [Double] {
    let rows = codes.count
    var overlaps = Array(repeating: Double(count), count: rows * rows)
    for row in 0..<rows {
      for other in 0..<row {
        var different = 0
        for (one, two) in zip(codes[row], codes[other]) { different += (one ^ two).nonzeroBitCount }
        overlaps[row * rows + other] -= Double(different)
        overlaps[other * rows + row] = overlaps[row * rows + other]
      }
    }
    return overlaps
  }
}

extension String {
  /// Whether this is the name of a layer of a kind, which is the kind and a number.
  fileprivate func isNumbered(_ kind: String) -> Bool {
    hasPrefix(kind) && dropFirst(kind.count).allSatisfy(\.isNumber)
  }
}
