import JSONText
import OperatingSystem
import Tensors
import TestSupport
import Testing

@testable import ArchitectureSearch

/// Against scikit-learn, recorded by `Truth/make_gaussian_process_truth.py`.
struct GaussianProcessTests {
  private struct Truth {
    let kernel: MaternKernel
    let points, queries: [[Double]]
    let values, mean, variance, gradient: [Double]
    let likelihood, jitter: Double

    static func all() throws -> [Truth] {
      let path = Repository.path("Tests/ArchitectureSearchTests/Truth/gaussian_process.json")
      let file = try JSONReader().read(LocalFileSystem().contents(of: path, limit: 1 << 20)).json
      let jitter = try #require(file["jitter"]?.double)
      return try #require(file["cases"]?.array).map { try Truth($0, jitter) }
    }

    private init(_ json: JSON, _ jitter: Double) throws {
      func number(_ name: String) throws -> Double { try #require(json[name]?.double) }
      func list(_ name: String) throws -> [JSON] { try #require(json[name]?.array) }
      func numbers(_ name: String) throws -> [Double] { try list(name).compactMap(\.double) }
      func rows(_ name: String) throws -> [[Double]] {
        try list(name).map { try #require($0.array).compactMap(\.double) }
      }
      kernel = MaternKernel(
        amplitude: try number("amplitude"), lengths: try numbers("lengths"),
        noise: try number("noise"))
      points = try rows("points")
      queries = try rows("queries")
      values = try numbers("values")
      mean = try numbers("mean")
      variance = try numbers("variance")
      gradient = try numbers("gradient")
      likelihood = try number("likelihood")
      self.jitter = jitter
    }

    var groups: [Int] { Array(kernel.lengths.indices) }
  }

  /// Queries that come first, in the middle, and last are the same in the end.
  @Test func itForetellsWhatScikitLearnForetells() throws {
    let truths = try Truth.all()
    #expect(truths.count == 3)
    for truth in truths {
      for asked in [0, truth.points.count / 2, truth.points.count] {
        var process = GaussianProcess(truth.kernel, groups: truth.groups, jitter: truth.jitter)
        var queries = truth.queries.map { process.query($0) }
        for (index, point) in truth.points.enumerated() {
          if index == asked { process.update(&queries) }
          let isTold = process.append(point)
          #expect(isTold)
        }
        process.update(&queries)
        let values = process.whiten(truth.values)
        for (index, query) in queries.enumerated() {
          let foretold = process.foretell(query, values)
          #expect(abs(foretold.mean - truth.mean[index]) < 1e-8)
          #expect(abs(foretold.variance - truth.variance[index]) < 1e-8)
        }
        #expect(abs(process.logLikelihood(truth.values) - truth.likelihood) < 1e-8)
      }
    }
  }

  @Test func theLikelihoodAndItsGradientAreScikitLearns() throws {
    for truth in try Truth.all() {
      let likelihood = MarginalLikelihood(
        points: truth.points, values: truth.values, groups: truth.groups, jitter: truth.jitter)
      let there = try #require(likelihood.evaluate(MarginalLikelihood.parameters(truth.kernel)))
      #expect(abs(there.value - truth.likelihood) < 1e-8)
      var gradient = there.gradient
      gradient.remove(at: 1)
      for (own, other) in zip(gradient, truth.gradient) { #expect(abs(own - other) < 1e-7) }
    }
  }

  /// The noise's slope, and lengths that several coordinates share, which scikit-learn has not.
  @Test func theGradientIsThatOfDifferences() throws {
    let truth = try #require(try Truth.all().last)
    let likelihood = MarginalLikelihood(
      points: truth.points, values: truth.values, groups: [0, 1, 0, 1])
    let parameters = [0.2, -3, -0.5, 0.4]
    let gradient = try #require(likelihood.evaluate(parameters)).gradient
    for index in parameters.indices {
      func moved(_ distance: Double) throws -> Double {
        var parameters = parameters
        parameters[index] += distance
        return try #require(likelihood.evaluate(parameters)).value
      }
      let difference = (try moved(1e-5) - moved(-1e-5)) / 2e-5
      #expect(abs(gradient[index] - difference) < 1e-5)
    }
  }

  @Test func equalPointsAreTold() {
    let kernel = MaternKernel(amplitude: 1, lengths: [1], noise: 1e-6)
    var process = GaussianProcess(kernel, groups: [0])
    for _ in 0..<20 {
      let isTold = process.append([0.5])
      #expect(isTold)
    }
    var queries = [process.query([0.5])]
    process.update(&queries)
    let foretold = process.foretell(queries[0], process.whiten(Array(repeating: 2, count: 20)))
    #expect(abs(foretold.mean - 2) < 1e-4)
    #expect((0...1e-5).contains(foretold.variance))
  }

  @Test func climbsEndAtTheMaximumWithinTheBounds() throws {
    // Rosenbrock's valley upside down, its maximum 0 at (1, 1).
    func valley(_ x: [Double]) -> QuasiNewton.Value? {
      let (a, b) = (1 - x[0], x[1] - x[0] * x[0])
      return (-(a * a + 100 * b * b), [2 * a + 400 * x[0] * b, -200 * b])
    }
    let free = QuasiNewton(bounds: [-5...5, -5...5], stepsMax: 200)
    let top = try #require(free.climb(from: [-1.2, 1], valley))
    #expect(abs(top.point[0] - 1) < 1e-2 && top.value > -1e-4)
    let bounded = QuasiNewton(bounds: [-5...0.5, -5...5], stepsMax: 200)
    let edge = try #require(bounded.climb(from: [-1.2, 1], valley))
    #expect(abs(edge.point[0] - 0.5) < 1e-3 && abs(edge.value + 0.25) < 1e-3)
  }
}
