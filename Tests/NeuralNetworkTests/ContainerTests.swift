import Tensors
import TestSupport
import Testing

@testable import NeuralNetwork

/// Layers that hold layers, and those that move numbers about.
struct ContainerTests {
  private func reason(_ layer: any LayerDescription, _ shape: [Int]) -> String {
    do throws(ShapeMismatch) {
      return "gives \(try layer.outputShape(for: shape))"
    } catch {
      return error.reason
    }
  }

  @Test func mistakesSayWhichSideGivesWhat() {
    let residual = Residual(branch: [Linear(outputs: 3)], shortcut: [Linear(outputs: 4)])
    #expect(
      reason(residual, [5])
        == "the branch gives samples of [3], the shortcut samples of [4]; they are added and need "
        + "the same shape")
    #expect(
      reason(Residual(branch: [Tanh(), Residual(branch: [GroupNorm(groups: 2)])]), [5])
        == "branch layer 2 (residual): branch layer 1 (groupNorm): got samples of [5], needs "
        + "channels, 5, that 2 groups divide")
    let branches: [[any LayerDescription]] = [[], [Flatten()]]
    #expect(
      reason(Concatenate(branches: branches), [2, 3])
        == "branch 1 gives samples of [2, 3], branch 2 samples of [6]; all axes but the last need "
        + "the same extent")
    #expect(reason(Concatenate(branches: branches), [3]) == "gives [6]")
    #expect(
      reason(Concatenate(branches: []), [3])
        == "needs a branch, and samples with an axis to join along")
    #expect(
      reason(MaxPool(kernel: 3), [2, 5, 1])
        == "got samples of [2, 5, 1], needs images of at least 3 × 3 pixels")
    #expect(
      reason(MaxPool(kernel: 3, padding: 2), [5, 5, 1])
        == "padding [2, 2] is more than half of the kernel [3, 3]")
    #expect(
      reason(AveragePool(), [4]) == "got samples of [4], needs images [height, width, channels]")
    #expect(
      reason(GlobalAveragePool(), [4])
        == "got samples of [4], needs [height, width, channels] or [steps, features]")
  }

  @Test func windowsFollowTheFloorRule() {
    #expect(reason(MaxPool(), [5, 7]) == "gives [2, 3, 1]")
    #expect(reason(MaxPool(kernel: 3, stride: 2, padding: 1), [5, 7, 4]) == "gives [3, 4, 4]")
    #expect(reason(AveragePool(kernel: 2, stride: 3), [7, 8, 2]) == "gives [2, 3, 2]")
  }

  @Test func poolsByHand() throws {
    let image: [Double] = [1, 5, 2, 0, 3, 4, 9, 8]
    let largest = try TestedLayer<Float>(MaxPool(), [2, 4])
    let pass = Pass.training(rows: 1, step: 1)
    #expect(largest.forward(image, pass) == [5, 9])
    #expect(largest.backward([10, 20], pass) == [0, 10, 0, 0, 0, 0, 20, 0])
    let mean = try TestedLayer<Float>(AveragePool(kernel: 2, stride: 2, padding: 1), [2, 4])
    // Padding counts as 0.
    #expect(mean.forward(image, pass) == [0.25, 1.75, 0, 0.75, 3.25, 2])
    // The first of several that are largest.
    #expect(largest.forward([1, 1, 0, 0, 1, 1, 0, 0], pass) == [1, 0])
    #expect(largest.backward([10, 20], pass) == [10, 0, 20, 0, 0, 0, 0, 0])
  }

  @Test func onlyValidStepsAreAveraged() throws {
    let tested = try TestedLayer<Float>(GlobalAveragePool(), [3, 1])
    let lengths: [Int32] = [2, 0, 7]
    lengths.withUnsafeBufferPointer { lengths in
      let pass = Pass(
        rows: 3, isTraining: true, updatesStatistics: false, step: 1,
        lengths: lengths.baseAddress)
      #expect(tested.forward([1, 3, 99, 4, 5, 6, 3, 6, 9], pass) == [2, 0, 6])
      #expect(tested.backward([2, 2, 6], pass) == [1, 1, 0, 0, 0, 0, 2, 2, 2])
    }
  }

  @Test func flattenIsInPyTorchsOrder() throws {
    let tested = try TestedLayer<Float>(Flatten(), [2, 1, 3])
    let pass = Pass.training(rows: 1, step: 1)
    #expect(tested.forward([1, 2, 3, 4, 5, 6], pass) == [1, 4, 2, 5, 3, 6])
    #expect(tested.backward([1, 4, 2, 5, 3, 6], pass) == [1, 2, 3, 4, 5, 6])
    let plain = try TestedLayer<Float>(Flatten(), [2, 3])
    #expect(plain.forward([1, 2, 3, 4, 5, 6], pass) == [1, 2, 3, 4, 5, 6])
  }

  @Test func dropoutDropsItsShare() throws {
    let size = 20_000
    let tested = try TestedLayer<Float>(Dropout(rate: 0.2), [size])
    let ones = [Double](repeating: 1, count: size)
    let first = tested.forward(ones, .training(rows: 1, step: 1))
    let share = Double(first.count { $0 == 0 }) / Double(size)
    #expect(abs(share - 0.2) < 0.01)
    #expect(first.allSatisfy { $0 == 0 || $0 == 1.25 })
    #expect(tested.backward(ones, .training(rows: 1, step: 1)) == first)
    let second = tested.forward(ones, .training(rows: 1, step: 2))
    #expect(second != first)
    #expect(tested.forward(ones, .training(rows: 1, step: 1)) == first)
    #expect(tested.forward(ones, .evaluation(rows: 1)) == ones)
    #expect(tested.backward(ones, .evaluation(rows: 1)) == ones)
    let rows = try TestedLayer<Float>(
      Dropout(rate: 0.2), [size], TestedLayer<Float>.Making(batchSizeMax: 4))
    let batch = rows.forward(ones + ones + ones + ones, .training(rows: 4, step: 1))
    #expect(Array(batch.prefix(size)) == first)
    let samples = Set((0..<4).map { Array(batch[$0 * size..<($0 + 1) * size]) })
    #expect(samples.count == 4, "each sample has zeros of its own")
    let other = try TestedLayer<Float>(
      Dropout(rate: 0.2), [size], TestedLayer<Float>.Making(seed: 2))
    #expect(other.forward(ones, .training(rows: 1, step: 1)) != first)
  }

  @Test func aResidualOfNothingDoubles() throws {
    let tested = try TestedLayer<Float>(Residual(branch: []), [2])
    let pass = Pass.training(rows: 1, step: 1)
    #expect(tested.forward([1, -2], pass) == [2, -4])
    #expect(tested.backward([3, 4], pass) == [6, 8])
  }

  @Test func concatenateByHand() throws {
    let tested = try TestedLayer<Float>(
      Concatenate(branches: [[], [ReLU()], []]), [2, 2])
    let pass = Pass.training(rows: 1, step: 1)
    #expect(
      tested.forward([1, -2, 3, 4], pass) == [1, -2, 1, 0, 1, -2, 3, 4, 3, 4, 3, 4])
    let gradient = tested.backward([1, 1, 10, 10, 100, 100, 1, 1, 10, 10, 100, 100], pass)
    #expect(gradient == [111, 101, 111, 111])
  }
}
