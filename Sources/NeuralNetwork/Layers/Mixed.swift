import Tensors

/// Several branches at once, each by its share: Σ softmax(α)ₒ · branchₒ(x). What α is, a search
/// learns in steps of its own; see `ArchitectureStep`.
public struct Mixed: MixingDescription {
  public static let kind = "mixed"
  public static let summary = "a weighted mean of branches, whose weights a search learns"
  public static let paper: String? = "Liu, Simonyan, Yang 2019, arXiv 1806.09055"

  /// An empty branch gives the input as it is.
  public let branches: [[any LayerDescription]]

  public init(branches: [[any LayerDescription]]) {
    self.branches = branches
  }

  public init(_ settings: some Settings) throws {
    branches = try settings.branches("branches")
  }

  public func outputShape(for inputShape: [Int]) throws(ShapeMismatch) -> [Int] {
    var first: [Int]?
    for (index, branch) in branches.enumerated() {
      let shape = try branch.outputShape(for: inputShape, role: "branch \(index + 1),")
      guard let first, first != shape else {
        first = shape
        continue
      }
      throw ShapeMismatch(
        "branch 1 gives samples of \(first), branch \(index + 1) samples of \(shape); they are "
          + "added and need the same shape")
    }
    guard let first else { throw ShapeMismatch("needs a branch") }
    return first
  }

  public func trace(
    _ trace: inout ChannelTrace, name: String, inputShape: [Int], outputShape: [Int]
  ) {
    // Until one branch is chosen, all channels stay.
    let inputs = trace.channels
    trace.pin()
    for branch in branches {
      _ = trace.trace(branch, from: inputShape, channels: inputs)
      trace.pin()
    }
    trace.become(inputs)
    trace.pinAll(outputShape)
  }

  public func narrowed(_ narrowing: inout Narrowing, name: String) -> any LayerDescription {
    // Nothing narrows, but the layers within are counted on the way to the names of those behind.
    for branch in branches { _ = narrowing.narrowed(branch) }
    return self
  }

  public func makeLayer<Scalar: TensorScalar>(
    _ construction: LayerConstruction<Scalar>
  ) -> any Layer<Scalar> {
    MixedLayer(self, construction)
  }

  /// The strongest branch that lets something through.
  func choice(by shares: [[Double]]) -> Int? {
    let shares = shares.first ?? []
    let choices = branches.indices.filter { index in !branches[index].contains { $0 is Zero } }
    return choices.max { shares[$0] < shares[$1] }
  }

  func discretized(_ table: MixtureTable) -> [any LayerDescription] {
    choice(by: table.shares).map { branches[$0] } ?? []
  }
}

final class MixedLayer<Scalar: TensorScalar>: MixingLayer {
  let name: String
  let parameters: [Parameter<Scalar>]
  let children: [any Layer<Scalar>]
  let strengths: Parameter<Scalar>?
  let edgeNames = ["0→1"]
  let operationNames: [String]
  var flopsPerSample: Int { mixture.flopsPerSample }

  private let description: Mixed
  private let mixture: Mixture<Scalar>
  private let output: Tensor<Scalar>
  private let workspace: Workspace<Scalar>

  init(_ description: Mixed, _ construction: LayerConstruction<Scalar>) {
    name = construction.name
    self.description = description
    let strengths = construction.strengths(edges: 1, operations: description.branches.count)
    self.strengths = strengths
    mixture = Mixture(
      description.branches, role: "branches", strengths, edge: 0,
      inputShape: construction.inputShape, outputShape: construction.outputShape, construction)
    children = mixture.branches.filter { !$0.children.isEmpty }
    parameters = [strengths] + children.flatMap { $0.parameters }
    operationNames = description.branches.map { branch in
      let kinds = branch.map { type(of: $0).kind }
      return kinds.isEmpty ? "skip" : kinds.joined(separator: "-")
    }
    output = construction.makeOutput()
    workspace = construction.workspace
  }

  func choice(by shares: [[Double]]) -> [String] {
    [description.choice(by: shares).map { operationNames[$0] } ?? MixtureTable.none]
  }

  func forward(_ input: Tensor<Scalar>, _ pass: Pass) -> Tensor<Scalar> {
    mixture.forward(input, pass, into: output, isFirst: true)
    return output
  }

  func backward(
    _ outputGradient: Tensor<Scalar>, _ pass: Pass, needsInputGradient: Bool
  ) -> Tensor<Scalar>? {
    defer { workspace.give(outputGradient) }
    return mixture.backward(outputGradient, pass, needsInputGradient: needsInputGradient)
  }
}
