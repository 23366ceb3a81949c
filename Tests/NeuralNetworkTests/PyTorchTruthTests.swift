import JSONText
import Tensors
import TestSupport
import Testing

@testable import NeuralNetwork

/// Our numbers are PyTorch's: in Double up to the order of summation, in Float to 1e-5.
struct PyTorchTruthTests {
  private static let doubleTolerance = 1e-11
  private static let floatTolerance = 1e-5
  private typealias Case = PyTorchTruth.Case

  @Test func allSectionsAreThere() {
    #expect(PyTorchTruth.layers.count > 100)
    #expect(PyTorchTruth.losses.count > 20)
    #expect(PyTorchTruth.optimizers.count > 20)
    #expect(PyTorchTruth.schedules.count > 10)
    #expect(PyTorchTruth.networks.count >= 5)
  }

  /// Every method of the catalogues that PyTorch has, too, is held to it.
  @Test func everyMethodIsRecorded() throws {
    func recorded(_ cases: [PyTorchTruth.Case], _ name: String) throws -> Set<String> {
      Set(try cases.map { try $0.settings(name).kind })
    }
    let layers = try recorded(PyTorchTruth.layers, "layer")
    #expect(layers.isSuperset(of: LayerCatalogue.all.map { $0.kind }))
    let losses = try recorded(PyTorchTruth.losses, "loss")
    #expect(losses.isSuperset(of: LossCatalogue.all.map { $0.kind }))
    let optimizers = try recorded(PyTorchTruth.optimizers, "optimizer")
    #expect(optimizers.isSuperset(of: OptimizerCatalogue.all.map { $0.kind }))
    let schedules = try recorded(PyTorchTruth.schedules, "schedule")
    #expect(schedules.isSuperset(of: LearningRateScheduleCatalogue.all.map { $0.kind }))
  }

  @Test(arguments: PyTorchTruth.layers)
  func layer(truth: PyTorchTruth.Case) throws {
    try checkLayer(truth, Double.self, tolerance: Self.doubleTolerance)
    try checkLayer(truth, Float.self, tolerance: Self.floatTolerance)
  }

  private func checkLayer<Scalar: TensorScalar>(
    _ truth: Case, _ type: Scalar.Type, tolerance: Double
  ) throws {
    let rows = try truth.integer("rows")
    let inputShape = try truth.shape("inputShape")
    let description = try truth.settings("layer").layer()
    #expect(try description.outputShape(for: inputShape) == truth.shape("outputShape"))
    let builder = NetworkBuilder<Scalar>(
      batchSizeMax: rows, pool: WorkerPool(threadCount: 1), seed: 1)
    let layer = builder.sequence([description], name: "", place: "", inputShape: inputShape)
    func agree(_ found: [Double], _ name: String) throws {
      let error = GradientCheck.largestError(found, try truth.numbers(name))
      #expect(error < tolerance, "\(name) in \(type)")
    }
    try layer.parameters.take(over: truth.named("parameters"), below: "0.")
    let lengths = truth.json["lengths"]?.numbers.map { Int32($0) }
    try (lengths ?? []).withUnsafeBufferPointer { buffer in
      var pass = Pass.training(rows: rows, step: 1)
      if lengths != nil { pass.lengths = buffer.baseAddress }
      let input = Tensor<Scalar>(shape: [rows] + inputShape, doubles: try truth.numbers("input"))
      let output = layer.forward(input, pass)
      let count = try truth.numbers("output").count
      try agree(Array(output.doubles.prefix(count)), "output")
      let slope = builder.workspace.take(count)
      for (index, number) in try truth.numbers("outputGradient").enumerated() {
        slope[index] = Scalar(number)
      }
      let needsInput = truth.json["inputGradient"] != nil
      let gradient = layer.backward(slope, pass, needsInputGradient: needsInput)
      if needsInput {
        try agree(
          Array(try #require(gradient).doubles.prefix(input.count)), "inputGradient")
      }
    }
    let gradients = try truth.named("gradients")
    for parameter in layer.parameters {
      let expected = gradients[String(parameter.moduleName.dropFirst(2))] ?? []
      let error = GradientCheck.largestError(parameter.gradient.doubles, expected)
      #expect(error < tolerance, "gradient of \(parameter.moduleName) in \(type)")
    }
    guard truth.json["running"] != nil else { return }
    try layer.statistics.check(against: truth.named("running"), below: "0.", tolerance)
    let input = Tensor<Scalar>(shape: [rows] + inputShape, doubles: try truth.numbers("input"))
    let output = layer.forward(input, .evaluation(rows: rows)).doubles
    try agree(Array(output.prefix(try truth.numbers("output").count)), "evaluationOutput")
  }

  @Test(arguments: PyTorchTruth.losses)
  func loss(truth: PyTorchTruth.Case) throws {
    try checkLoss(truth, Double.self, tolerance: Self.doubleTolerance)
    try checkLoss(truth, Float.self, tolerance: Self.floatTolerance)
  }

  private func checkLoss<Scalar: TensorScalar>(
    _ truth: Case, _ type: Scalar.Type, tolerance: Double
  ) throws {
    let rows = try truth.integer("rows")
    let data = try RecordedTargets<Scalar>(
      truth.numbers("targets"), rows: rows, outputShape: truth.shape("outputShape"),
      loss: truth.settings("loss").kind)
    let description = try truth.settings("loss").loss()
    try description.check(data.shape)
    let loss: any Loss<Scalar> = description.makeLoss(data.shape)
    let output = Tensor<Scalar>(
      shape: [rows] + (try truth.shape("outputShape")), doubles: try truth.numbers("output"))
    let gradient = Tensor<Scalar>(shape: output.shape)
    let (result, again) = data.withTargets { targets in
      (
        loss.evaluate(output, targets, rows: rows, gradient: gradient),
        loss.evaluate(output, targets, rows: rows, gradient: nil)
      )
    }
    let value = try #require(truth.json["value"]?.double)
    #expect(GradientCheck.largestError([result.mean], [value]) < tolerance, "\(type)")
    #expect(again == result, "without the gradient")
    let error = GradientCheck.largestError(gradient.doubles, try truth.numbers("gradient"))
    #expect(error < tolerance, "gradient in \(type)")
  }

  @Test(arguments: PyTorchTruth.optimizers)
  func optimizer(truth: PyTorchTruth.Case) throws {
    try checkOptimizer(truth, Double.self, tolerance: Self.doubleTolerance)
    try checkOptimizer(truth, Float.self, tolerance: Self.floatTolerance)
  }

  private func checkOptimizer<Scalar: TensorScalar>(
    _ truth: Case, _ type: Scalar.Type, tolerance: Double
  ) throws {
    let shared = try #require(PyTorchTruth.file["optimizers"])
    let pool = WorkerPool(threadCount: 1)
    let parameters = [
      Parameter<Scalar>(name: "w", moduleName: "weight", role: .weight, shape: [3, 6]),
      Parameter<Scalar>(name: "b", moduleName: "bias", role: .bias, shape: [3]),
    ]
    try parameters.take(over: try #require(shared["parameters"]).namedNumbers)
    let description = try truth.settings("optimizer").optimizer()
    let optimizer = description.makeOptimizer(parameters, pool: pool)
    let clipper = try truth.json["gradientClipping"].map {
      GradientClipper(try GradientClipping(JSONSettings($0)), parameters, pool: pool)
    }
    let norm = GradientNorm(parameters, pool: pool)
    let average = try truth.json["weightAverage"].map {
      let decay = try WeightAveraging(JSONSettings($0)).decay
      return WeightAverage(decay: decay, parameters, pool: pool)
    }
    let rates = truth.json["learningRates"]?.numbers
    let expected = try #require(truth.json["weights"]?.array)
    let averages = truth.json["averages"]?.array
    let gradients = try #require(shared["gradients"]?.array)
    #expect(gradients.count == 10 && expected.count == 10)
    for (step, given) in gradients.enumerated() {
      for parameter in parameters {
        let numbers = try #require(given[parameter.moduleName]).numbers
        parameter.gradient.copy(from: Tensor(shape: parameter.value.shape, doubles: numbers))
      }
      clipper?.clip(norm: norm.measure())
      optimizer.step(learningRate: rates?[step] ?? description.learningRate)
      average?.update()
      try parameters.check(against: expected[step].namedNumbers, tolerance, "step \(step)")
      guard let averages else { continue }
      average?.exchange()
      try parameters.check(against: averages[step].namedNumbers, tolerance, "average \(step)")
      average?.exchange()
    }
  }

  @Test(arguments: PyTorchTruth.schedules)
  func schedule(truth: PyTorchTruth.Case) throws {
    let schedule = try truth.settings("schedule").schedule()
    let updatesPerEpoch = try truth.integer("stepsPerEpoch")
    let length = RunLength(
      updates: try truth.integer("epochs") * updatesPerEpoch, updatesPerEpoch: updatesPerEpoch)
    let expected = try truth.numbers("factors")
    #expect(expected.count == length.updates)
    let factors = expected.indices.map { schedule.factor(at: $0, of: length) }
    #expect(GradientCheck.largestError(factors, expected) < Self.doubleTolerance)
  }

  @Test(arguments: PyTorchTruth.networks)
  func network(truth: PyTorchTruth.Case) throws {
    try checkNetwork(truth, Double.self, tolerance: 1e-10)
    try checkNetwork(truth, Float.self, tolerance: Self.floatTolerance)
  }

  private func checkNetwork<Scalar: TensorScalar>(
    _ truth: Case, _ type: Scalar.Type, tolerance: Double
  ) throws {
    let rows = try truth.integer("rows")
    let layers = try JSONSettings(truth.json).layers("layers", default: nil)
    let inputShape = try truth.shape("inputShape")
    let data = try RecordedTargets<Scalar>(
      truth.numbers("targets"), rows: rows,
      outputShape: layers.outputShape(for: inputShape, role: "network"),
      loss: truth.settings("loss").kind)
    let plan = NetworkPlan(
      layers: layers, inputShape: inputShape, targets: data.shape,
      loss: try truth.settings("loss").loss())
    let pool = WorkerPool(threadCount: 1)
    let network = try Network<Scalar>(plan, batchSizeMax: rows, pool: pool, seed: 1)
    try network.parameters.take(over: truth.named("parameters"))
    let description = try truth.settings("optimizer").optimizer()
    let optimizer = description.makeOptimizer(network.parameters, pool: pool)
    let clipper = try truth.json["gradientClipping"].map {
      GradientClipper(try GradientClipping(JSONSettings($0)), network.parameters, pool: pool)
    }
    let norm = GradientNorm(network.parameters, pool: pool)
    let input = Tensor<Scalar>(shape: [rows] + inputShape, doubles: try truth.numbers("input"))
    let losses = (1...10).map { step in
      let result = data.withTargets {
        network.learn(input, $0, .training(rows: rows, step: step))
      }
      clipper?.clip(norm: norm.measure())
      optimizer.step(learningRate: description.learningRate)
      return result.mean
    }
    let lossError = GradientCheck.largestError(losses, try truth.numbers("losses"))
    #expect(lossError < tolerance, "losses in \(type)")
    try network.parameters.check(
      against: truth.named("finalParameters"), tolerance, "at the end, in \(type)")
    if truth.json["running"] != nil {
      try network.statistics.check(against: truth.named("running"), below: "", tolerance)
    }
    let output = network.forward(input, .evaluation(rows: rows)).doubles
    let outputError = GradientCheck.largestError(output, try truth.numbers("evaluationOutput"))
    #expect(outputError < 10 * tolerance, "output in \(type)")
  }
}

/// Targets as recorded: classes for cross-entropy, else values.
private struct RecordedTargets<Scalar: TensorScalar> {
  let shape: TargetShape
  private let labels: [Int32]
  private let values: [Scalar]

  init(_ numbers: [Double], rows: Int, outputShape: [Int], loss: String) {
    if loss == CrossEntropy.kind {
      let steps = outputShape.dropLast().reduce(1, *)
      shape = .classes(count: outputShape.last ?? 1, perSample: steps)
      labels = numbers.map { Int32($0) }
      values = []
    } else {
      shape = .values(perSample: outputShape.reduce(1, *))
      labels = []
      values = numbers.map { Scalar($0) }
    }
  }

  func withTargets<Result>(_ body: (Targets<Scalar>) -> Result) -> Result {
    labels.withUnsafeBufferPointer { labels in
      values.withUnsafeBufferPointer { values in
        switch shape {
        case .classes(_, let perSample):
          guard let start = labels.baseAddress else { preconditionFailure("there are labels") }
          return body(.classes(start, perSample: perSample))
        case .values(let perSample):
          guard let start = values.baseAddress else { preconditionFailure("there are values") }
          return body(.values(start, perSample: perSample))
        }
      }
    }
  }
}

extension Tensor {
  convenience init(shape: [Int], doubles numbers: [Double]) {
    self.init(shape: shape, numbers.map { Scalar($0) })
  }
}

extension Array {
  /// Takes over values by the names of a PyTorch module.
  fileprivate func take<Scalar>(
    over values: [String: [Double]], below place: String = ""
  ) throws where Element == Parameter<Scalar> {
    #expect(Set(map(\.moduleName)) == Set(values.keys.map { place + $0 }))
    for parameter in self {
      let numbers = try #require(values[String(parameter.moduleName.dropFirst(place.count))])
      try #require(numbers.count == parameter.value.count, "\(parameter.moduleName)")
      parameter.value.copy(from: Tensor(shape: parameter.value.shape, doubles: numbers))
    }
  }

  fileprivate func check<Scalar>(
    against values: [String: [Double]], _ tolerance: Double, _ place: String
  ) throws where Element == Parameter<Scalar> {
    for parameter in self {
      let error = GradientCheck.largestError(
        parameter.value.doubles, values[parameter.moduleName] ?? [])
      #expect(error < tolerance, "\(parameter.moduleName), \(place)")
    }
  }

  fileprivate func check<Scalar>(
    against values: [String: [Double]], below place: String, _ tolerance: Double
  ) throws where Element == Statistic<Scalar> {
    #expect(Set(map(\.moduleName)) == Set(values.keys.map { place + $0 }))
    for statistic in self {
      let expected = values[String(statistic.moduleName.dropFirst(place.count))] ?? []
      let error = GradientCheck.largestError(statistic.value.doubles, expected)
      #expect(error < tolerance, "\(statistic.moduleName)")
    }
  }
}
