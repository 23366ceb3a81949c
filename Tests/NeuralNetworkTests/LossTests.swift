import Glibc
import JSONText
import Tensors
import TestSupport
import Testing

@testable import NeuralNetwork

/// Every loss of the catalogue keeps these laws, over each kind of targets that it takes; its
/// numbers are held to PyTorch's in PyTorchTruthTests.
struct LossTests {
  private static let shapes: [TargetShape] = [
    .classes(count: 1, perSample: 1), .classes(count: 5, perSample: 1),
    .classes(count: 3, perSample: 4), .values(perSample: 1), .values(perSample: 7),
  ]
  private static let rows = 3

  /// Random targets of a shape.
  private struct Data<Scalar: TensorScalar> {
    let shape: TargetShape
    let labels: [Int32]
    let values: [Scalar]

    init(_ shape: TargetShape, rows: Int, _ random: inout RandomSource) {
      self.shape = shape
      var labels: [Int32] = [0]
      var values: [Scalar] = [0]
      switch shape {
      case .classes(let count, let perSample):
        for _ in 0..<rows * perSample {
          labels.append(Int32(random.integer(below: UInt32(count))))
        }
      case .values(let perSample):
        for _ in 0..<rows * perSample { values.append(Scalar(random.uniform())) }
      }
      // The first is there so that an empty batch has an address, too.
      self.labels = labels
      self.values = values
    }

    func with<Result>(_ body: (Targets<Scalar>) -> Result) -> Result {
      labels.withUnsafeBufferPointer { labels in
        values.withUnsafeBufferPointer { values in
          guard let label = labels.baseAddress, let value = values.baseAddress else {
            preconditionFailure("there is always one")
          }
          switch shape {
          case .classes(_, let perSample):
            return body(.classes(label + 1, perSample: perSample))
          case .values(let perSample): return body(.values(value + 1, perSample: perSample))
          }
        }
      }
    }
  }

  private func isTaken(_ shape: TargetShape, by loss: any LossDescription) -> Bool {
    do throws(ShapeMismatch) {
      try loss.check(shape)
      return true
    } catch { return false }
  }

  /// The plain loss, and settings that are not the default.
  private func descriptions(_ type: any LossDescription.Type) throws -> [any LossDescription] {
    let settings = JSONSettings(["labelSmoothing": 0.3, "delta": 0.25])
    return [try type.init(JSONSettings()), try type.init(settings)]
  }

  @Test(arguments: LossCatalogue.all, [1.0, 30, 300])
  func gradientAgreesWithDifferences(type: any LossDescription.Type, scale: Double) throws {
    for description in try descriptions(type) {
      let taken = Self.shapes.filter { isTaken($0, by: description) }
      try #require(!taken.isEmpty)
      for shape in taken {
        var random = RandomSource.forTest(11)
        let data = Data<Double>(shape, rows: Self.rows, &random)
        let output: Tensor<Double> = random.tensor([Self.rows] + shape.outputShape)
        for index in 0..<output.count { output[index] *= scale }
        let loss: any Loss<Double> = description.makeLoss(shape)
        let gradient = Tensor<Double>(shape: output.shape)
        let value = {
          data.with { loss.evaluate(output, $0, rows: Self.rows, gradient: nil).mean }
        }
        let numeric = GradientCheck.centralDifferences(output.buffer, of: value)
        _ = data.with { loss.evaluate(output, $0, rows: Self.rows, gradient: gradient) }
        let error = GradientCheck.largestError(gradient.doubles, numeric)
        // The larger the loss, the fewer digits a difference of two has.
        #expect(error < 1e-8 * scale, "\(shape)")
      }
    }
  }

  @Test(arguments: LossCatalogue.all)
  func floatAgreesWithDouble(type: any LossDescription.Type) throws {
    for description in try descriptions(type) {
      for shape in Self.shapes where isTaken(shape, by: description) {
        let precise = evaluate(description, shape, Double.self)
        let single = evaluate(description, shape, Float.self)
        #expect(GradientCheck.largestError(precise.gradient, single.gradient) < 1e-6)
        #expect(abs(precise.result.mean - single.result.mean) < 1e-6)
        #expect(precise.result.correct == single.result.correct)
      }
    }
  }

  private func evaluate<Scalar: TensorScalar>(
    _ description: any LossDescription, _ shape: TargetShape, _ type: Scalar.Type
  ) -> (result: LossResult, gradient: [Double]) {
    var random = RandomSource.forTest(12)
    let data = Data<Scalar>(shape, rows: Self.rows, &random)
    let output: Tensor<Scalar> = random.tensor([Self.rows] + shape.outputShape)
    let gradient = Tensor<Scalar>(shape: output.shape)
    let loss: any Loss<Scalar> = description.makeLoss(shape)
    let result = data.with { loss.evaluate(output, $0, rows: Self.rows, gradient: gradient) }
    return (result, gradient.doubles)
  }

  /// The rows behind those of the batch, and the gradient behind its end, are left alone; results
  /// of batches add up.
  @Test(arguments: LossCatalogue.all)
  func onlyTheRowsCount(type: any LossDescription.Type) throws {
    let description = try type.init(JSONSettings())
    for shape in Self.shapes where isTaken(shape, by: description) {
      var random = RandomSource.forTest(13)
      let data = Data<Double>(shape, rows: 4, &random)
      let output: Tensor<Double> = random.tensor([4] + shape.outputShape)
      let size = output.count / 4
      let loss: any Loss<Double> = description.makeLoss(shape)
      let gradient = Tensor<Double>(shape: output.shape)
      gradient.fill(9)
      let part = data.with { loss.evaluate(output, $0, rows: 3, gradient: gradient) }
      #expect(gradient.doubles[(3 * size)...].allSatisfy { $0 == 9 })
      #expect(gradient.doubles[..<(3 * size)].allSatisfy { $0 != 9 })
      let empty = data.with { loss.evaluate(output, $0, rows: 0, gradient: gradient) }
      #expect(empty == LossResult(), "an empty batch is nothing")
      let whole = data.with { loss.evaluate(output, $0, rows: 4, gradient: nil) }
      #expect(part.lossSum < whole.lossSum || size == 1)
      #expect(part.weight * 4 == whole.weight * 3)
      #expect(part.positions * 4 == whole.positions * 3)
    }
  }

  @Test(arguments: LossCatalogue.all)
  func whatIsNoNumberShows(type: any LossDescription.Type) throws {
    let description = try type.init(JSONSettings())
    for shape in Self.shapes where isTaken(shape, by: description) {
      var random = RandomSource.forTest(14)
      let data = Data<Float>(shape, rows: 2, &random)
      let output: Tensor<Float> = random.tensor([2] + shape.outputShape)
      output[0] = .nan
      let loss: any Loss<Float> = description.makeLoss(shape)
      let gradient = Tensor<Float>(shape: output.shape)
      let result = data.with { loss.evaluate(output, $0, rows: 2, gradient: gradient) }
      #expect(result.lossSum.isNaN)
      let size = output.count / 2
      #expect(gradient.array[..<size].contains { $0.isNaN })
      #expect(gradient.array[size...].allSatisfy { $0.isFinite }, "the other row is well")
    }
  }

  @Test func lossesSayWhatTheyNeed() {
    let classes = TargetShape.classes(count: 3, perSample: 1)
    let values = TargetShape.values(perSample: 3)
    func reason(_ loss: any LossDescription, _ shape: TargetShape) -> String? {
      do throws(ShapeMismatch) {
        try loss.check(shape)
        return nil
      } catch { return error.reason }
    }
    #expect(reason(CrossEntropy(), values)?.contains("needs classes") == true)
    #expect(reason(MeanSquaredError(), classes)?.contains("mse needs numbers") == true)
    #expect(reason(Huber(), classes)?.contains("huber needs numbers") == true)
    let weights = CrossEntropy(classWeights: [1, 2])
    #expect(
      reason(weights, classes) == "crossEntropy got 2 classWeights, needs 3: one for each class")
    #expect(reason(BinaryCrossEntropy(), classes) == nil)
    #expect(reason(BinaryCrossEntropy(), values) == nil)
  }

  @Test func kindsAreUnique() {
    let kinds = LossCatalogue.all.map { $0.kind }
    #expect(Set(kinds).count == kinds.count)
  }
}

struct CrossEntropyTests {
  private func evaluate<Scalar: TensorScalar>(
    _ logits: [[Scalar]], labels: [Int32], _ description: CrossEntropy = CrossEntropy()
  ) -> (result: LossResult, gradient: [Scalar]) {
    let classes = logits[0].count
    let loss: any Loss<Scalar> = description.makeLoss(.classes(count: classes, perSample: 1))
    let tensor = Tensor(shape: [logits.count, classes], logits.flatMap { $0 })
    let gradient = Tensor<Scalar>(shape: tensor.shape)
    let result = labels.withUnsafeBufferPointer { labels -> LossResult in
      guard let labels = labels.baseAddress else { return LossResult() }
      return loss.evaluate(
        tensor, .classes(labels, perSample: 1), rows: logits.count, gradient: gradient)
    }
    return (result, gradient.array)
  }

  @Test func extremeLogitsStayFinite() {
    let (result, gradient) = evaluate(
      [[3e38, -3e38, 0], [-3e38, 3e38, 0], [1000, 0, -1000]] as [[Float]], labels: [0, 2, 1])
    #expect(gradient.allSatisfy { $0.isFinite })
    #expect(gradient[3...5].elementsEqual([0, 1 / 3, -1 / 3]))
    #expect(result.lossSum.isFinite)
    #expect(result.lossSum >= 3e38)
    #expect(result.correct == 1)
  }

  @Test func anImpossibleClassCostsInfinitely() {
    let (result, gradient) = evaluate([[0, -Double.infinity]], labels: [1])
    #expect(result.lossSum == .infinity)
    #expect(gradient == [1, -1])
  }

  @Test func anImpossibleClassWithoutWeightCostsNothing() {
    let description = CrossEntropy(labelSmoothing: 0.5, classWeights: [1, 0])
    let (result, gradient) = evaluate([[0, -Double.infinity]], labels: [0], description)
    #expect(result.lossSum == 0)
    #expect(gradient == [0, 0])
  }

  @Test func aBatchWithoutWeightTeachesNothing() {
    let description = CrossEntropy(classWeights: [1, 0])
    let (result, gradient) = evaluate([[2, 3.0], [1, 1]], labels: [1, 1], description)
    #expect(result.weight == 0 && result.lossSum == 0)
    #expect(gradient == [0, 0, 0, 0])
    #expect(result.positions == 2)
  }

  @Test(arguments: [Float.nan, .infinity])
  func oneBadLogitSpoilsItsRowAlone(bad: Float) {
    for column in 0..<3 {
      var row: [Float] = [5, 1, 2]
      row[column] = bad
      let (result, gradient) = evaluate([row, [5, 1, 2]], labels: [0, 0])
      #expect(result.lossSum.isNaN)
      #expect(result.correct == 1)
      #expect(gradient[..<3].contains { $0.isNaN })
      #expect(gradient[3...].allSatisfy { $0.isFinite })
    }
  }

  @Test func gradientsOfARowSumToZero() {
    let (_, gradient) = evaluate([[0.5, -2, 7, 3.25]], labels: [3])
    #expect(abs(gradient.reduce(0, +)) < 1e-15)
  }

  @Test func ofEqualLogitsTheFirstWins() {
    #expect(evaluate([[2.0, 2]], labels: [0]).result.correct == 1)
    #expect(evaluate([[2.0, 2]], labels: [1]).result.correct == 0)
  }

  @Test func theFiveLikeliestCount() {
    let logits = [6.0, 5, 4, 3, 2, 1, 1, 9]
    for (label, rank) in [(7, 0), (0, 1), (3, 4), (4, 5), (5, 6), (6, 7)] {
      let result = evaluate([logits], labels: [Int32(label)]).result
      #expect(result.correct == (rank == 0 ? 1 : 0), "\(label)")
      #expect(result.correctInFive == (rank < 5 ? 1 : 0), "\(label)")
      #expect(result.positions == 1)
    }
    let few = evaluate([[1.0, 2, 3]], labels: [0]).result
    #expect(few.correct == 0 && few.correctInFive == 1)
    let bad = evaluate([[1.0, .nan, 3]], labels: [2]).result
    #expect(bad.correct == 0 && bad.correctInFive == 0)
  }
}

struct BinaryCrossEntropyTests {
  /// With classes each output is asked whether its class is the right one: the same as targets of
  /// ones and zeros.
  @Test func classesAreYesOrNoEach() {
    var random = RandomSource.forTest(15)
    let output: Tensor<Double> = random.tensor([2, 3])
    let (byClass, byValue) = (Tensor<Double>(shape: [2, 3]), Tensor<Double>(shape: [2, 3]))
    let classLoss: any Loss<Double> = BinaryCrossEntropy().makeLoss(
      .classes(count: 3, perSample: 1))
    let valueLoss: any Loss<Double> = BinaryCrossEntropy().makeLoss(.values(perSample: 3))
    let labels: [Int32] = [2, 0]
    let values: [Double] = [0, 0, 1, 1, 0, 0]
    let result = labels.withUnsafeBufferPointer { labels -> LossResult in
      guard let labels = labels.baseAddress else { return LossResult() }
      return classLoss.evaluate(
        output, .classes(labels, perSample: 1), rows: 2, gradient: byClass)
    }
    let same = values.withUnsafeBufferPointer { values -> LossResult in
      guard let values = values.baseAddress else { return LossResult() }
      return valueLoss.evaluate(
        output, .values(values, perSample: 3), rows: 2, gradient: byValue)
    }
    #expect(abs(result.mean - same.mean) < 1e-15)
    #expect(byClass.array == byValue.array)
    #expect(result.positions == 2 && same.positions == 0)
  }

  @Test func extremeLogitsStayFinite() {
    let loss: any Loss<Float> = BinaryCrossEntropy().makeLoss(.values(perSample: 4))
    let output = Tensor<Float>(shape: [1, 4], [3e38, -3e38, 3e38, -3e38] as [Float])
    let gradient = Tensor<Float>(shape: [1, 4])
    let values: [Float] = [1, 0, 0, 1]
    let result = values.withUnsafeBufferPointer { values -> LossResult in
      guard let values = values.baseAddress else { return LossResult() }
      return loss.evaluate(output, .values(values, perSample: 4), rows: 1, gradient: gradient)
    }
    #expect(gradient.array == [0, 0, 0.25, -0.25])
    #expect(result.lossSum.isFinite && result.lossSum > 5e38)
  }
}
