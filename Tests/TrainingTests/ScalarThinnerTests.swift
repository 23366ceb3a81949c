import OperatingSystem
import RunLog
import Testing

@testable import Training

@Suite struct ScalarThinnerTests {
  /// What is left of two series when that many values come within each window.
  private func thinned(
    _ losses: [Float], _ rates: [Float], perWindow: Int
  ) throws -> (losses: [ScalarPoint], rates: [ScalarPoint]) {
    let home = try TemporaryDirectory()
    let path = Path.join(home.path, "events.out.tfevents.1.h.1.0")
    let files = LocalFileSystem()
    let writer = try EventFileWriter(path: path, files: files, firstStep: 0, wallTime: 0)
    var thinner = ScalarThinner(tags: ["loss", "rate"])
    let windowSeconds = 1 / ScalarThinner.windowsPerSecond
    for (index, (loss, rate)) in zip(losses, rates).enumerated() {
      let (window, place) = (index / perWindow, index % perWindow)
      let seconds =
        10 + (Double(window) + Double(place) / Double(perWindow) + 0.001) * windowSeconds
      thinner.add(
        .init(step: Int64(index + 1), wallTime: seconds, values: [loss, rate]), at: seconds,
        to: writer)
    }
    thinner.flush(to: writer)
    try writer.flush()
    writer.close()
    var reader = EventFileReader(path: path, files: files)
    let points = try reader.read().events.points
    return (points.filter { $0.tag == "loss" }, points.filter { $0.tag == "rate" })
  }

  /// The least, the largest and a value that is no number of each window must be there.
  private func check(_ values: [Float], _ points: [ScalarPoint], perWindow: Int) {
    for point in points {
      #expect(point.value.bitPattern == values[Int(point.step) - 1].bitPattern)
    }
    #expect(zip(points, points.dropFirst()).allSatisfy { $0.step < $1.step })
    for start in stride(from: 0, to: values.count, by: perWindow) {
      let window = values[start..<min(values.count, start + perWindow)]
      let kept = points.filter { window.indices.contains(Int($0.step) - 1) }.map(\.value)
      let numbers = window.filter(\.isFinite)
      #expect(
        kept.contains { !$0.isFinite } == (numbers.count < window.count), "window at \(start)")
      #expect(kept.filter(\.isFinite).min() == numbers.min(), "window at \(start)")
      #expect(kept.filter(\.isFinite).max() == numbers.max(), "window at \(start)")
      #expect(kept.count <= 3)
    }
  }

  @Test func aSpikeStaysWhereverItComes() throws {
    for place in 0..<20 {
      var losses = (0..<60).map { Float($0 * 7 % 13) }
      losses[20 + place] = place % 2 == 0 ? 1e6 : -1e6
      let rates = losses.map { -$0 }
      let points = try thinned(losses, rates, perWindow: 20)
      check(losses, points.losses, perWindow: 20)
      check(rates, points.rates, perWindow: 20)
      #expect(points.losses.count <= 3 * 2)
    }
  }

  /// A NaN must be seen, and must hide neither the least nor the largest number beside it.
  @Test func aNaNHidesNothing() throws {
    let places: [[Int]] = [[0], [7], [19], [0, 1, 2], [0, 19], Array(0..<20), [5, 6]]
    for nans in places {
      var losses = (0..<20).map { Float($0 * 7 % 13) }
      for place in nans { losses[place] = .nan }
      let points = try thinned(losses, losses.reversed(), perWindow: 20)
      check(losses, points.losses, perWindow: 20)
      check(losses.reversed(), points.rates, perWindow: 20)
    }
    let infinite: [Float] = [1, .infinity, -.infinity, .nan, 2]
    check(infinite, try thinned(infinite, infinite, perWindow: 5).losses, perWindow: 5)
  }

  @Test func aSlowRunKeepsEveryStep() throws {
    let losses: [Float] = [3, .nan, 1, 2, 2, 2]
    #expect(try thinned(losses, losses, perWindow: 1).losses.map(\.step) == [1, 2, 3, 4, 5, 6])
  }

  @Test func aFastRunKeepsAboutAHundredPointsASecond() throws {
    let losses = (0..<10_000).map { Float(($0 * 7919) % 10_007) }
    let points = try thinned(losses, losses, perWindow: 200)
    check(losses, points.losses, perWindow: 200)
    #expect(points.losses.count <= 100)
  }

  /// A window never holds more than its buffer, however long the clock stands still.
  @Test func aWindowWithoutEndIsClosedEarly() throws {
    let losses = (0..<2_000).map { Float($0 % 1_000) }
    let points = try thinned(losses, losses, perWindow: 2_000)
    #expect(points.losses.map(\.value).max() == 999 && points.losses.count >= 8)
  }
}
