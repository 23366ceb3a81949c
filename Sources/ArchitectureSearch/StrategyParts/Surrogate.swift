import Glibc
import Tensors

/// What a Gaussian process makes of the scores of a search.
///
/// Trials enter its matrix when they begin, since that needs no score: a result only changes a
/// value. The kernel is fitted anew after each result at first, then ever more rarely.
struct Surrogate {
  let encoding: ArchitectureEncoding

  private struct Entry {
    let architecture: Architecture
    let point: [Double]
    /// nil: it failed, or it still runs.
    var score: Double?
    var isRunning = true
  }

  private var entries: [Entry] = []
  private var indices: [String: Int] = [:]
  private var observedCount = 0
  /// The number of results with which the kernel is fitted next.
  private var nextFit = 0
  private var kernel: MaternKernel
  private var process: GaussianProcess
  /// Of the entries, those that the process was told, in its order.
  private var told: [Int] = []
  private var queries: [String: GaussianProcess.Query] = [:]
  /// Foretold values of the told ones, as the process needs them.
  private var whitened: [Double] = []
  private(set) var bestValue = 0.0

  /// A fit looks at so many trials at most, and the process at so many, which bounds its memory.
  private static let (fitMax, toldMax) = (96, 1000)
  private static let amplitudes = 0.05...20.0
  private static let noises = 1e-6...1.0
  private static let lengths = 0.05...30.0

  init(_ encoding: ArchitectureEncoding) {
    self.encoding = encoding
    let groupCount = (encoding.groups.last ?? -1) + 1
    kernel = MaternKernel(
      amplitude: 1, lengths: Array(repeating: Self.usualLength(groupCount), count: groupCount),
      noise: 1e-2)
    process = GaussianProcess(kernel, groups: encoding.groups)
  }

  private static func usualLength(_ groupCount: Int) -> Double {
    0.5 * Double(max(1, groupCount)).squareRoot()
  }

  /// Whether there are scores to learn from.
  var isInformed: Bool { entries.contains { $0.score != nil } }

  mutating func begin(_ architecture: Architecture) {
    indices[architecture.identity] = entries.count
    entries.append(
      Entry(architecture: architecture, point: encoding.point(architecture.choices)))
  }

  mutating func observe(_ result: TrialResult) {
    guard let index = indices[result.trial.architecture.identity], entries[index].isRunning
    else { return }
    entries[index].score = result.score
    entries[index].isRunning = false
    observedCount += 1
  }

  /// The architectures with the largest scores.
  func best(_ count: Int) -> [Architecture] {
    ranked().prefix(count).map { entries[$0].architecture }
  }

  private func ranked() -> [Int] {
    entries.indices.filter { entries[$0].score != nil }.sorted { one, other in
      let (first, second) = (entries[one].score ?? 0, entries[other].score ?? 0)
      return first != second ? first > second : one < other
    }
  }

  /// The scores with mean 0 and deviation 1; the lie for what runs, the worst for what failed.
  private func values() -> [Double] {
    let scores = entries.compactMap(\.score)
    // Scores may be so large that their squares are not finite.
    let scale = max(scores.map(abs).max() ?? 0, Double.leastNormalMagnitude)
    let scaled = entries.map { $0.score.map { $0 / scale } }
    let known = scaled.compactMap { $0 }
    let mean = known.reduce(0, +) / Double(max(1, known.count))
    let variance =
      known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, known.count))
    let deviation = variance > 1e-24 ? variance.squareRoot() : 1
    let (worst, best) = (known.min() ?? 0, known.max() ?? 0)
    return zip(entries, scaled).map { entry, score in
      ((score ?? (entry.isRunning ? best : worst)) - mean) / deviation
    }
  }

  /// Takes up what happened since: fits the kernel when it is time, and tells the process the new
  /// trials.
  mutating func refit() {
    let values = values()
    bestValue = entries.indices.filter { entries[$0].score != nil }.map { values[$0] }.max() ?? 0
    if observedCount >= nextFit {
      fitKernel(values)
      nextFit = observedCount < 40 ? observedCount + 1 : observedCount * 13 / 10
      rebuild()
    } else if process.count >= Self.toldMax {
      rebuild()
    }
    var next = (told.max() ?? -1) + 1
    while next < entries.count {
      if process.append(entries[next].point) { told.append(next) }
      next += 1
    }
    whitened = process.whiten(told.map { values[$0] })
  }

  private mutating func rebuild() {
    process = GaussianProcess(kernel, groups: encoding.groups)
    queries = [:]
    told = []
    guard entries.count >= Self.toldMax else { return }
    // The best and the newest half each of half as many, so that there is room for more.
    let share = Self.toldMax / 4
    let chosen = Set(ranked().prefix(share)).union(entries.indices.suffix(share))
    for index in chosen.sorted() where process.append(entries[index].point) { told.append(index) }
  }

  /// The kernel of the largest likelihood among climbs from the present one and from the best of
  /// some usual ones.
  private mutating func fitKernel(_ values: [Double]) {
    let observed =
      ranked() + entries.indices.filter { !entries[$0].isRunning && entries[$0].score == nil }
    let count = min(observed.count, Self.fitMax)
    let chosen = (0..<count).map { observed[$0 * observed.count / count] }
    let likelihood = MarginalLikelihood(
      points: chosen.map { entries[$0].point }, values: chosen.map { values[$0] },
      groups: encoding.groups)
    let bounds =
      [Self.amplitudes, Self.noises] + kernel.lengths.map { _ in Self.lengths }
    let climber = QuasiNewton(
      bounds: bounds.map { log($0.lowerBound)...log($0.upperBound) }, stepsMax: 12)
    var best: (point: [Double], value: Double)?
    for start in starts(likelihood) {
      guard let top = climber.climb(from: start, likelihood.evaluate) else { continue }
      if best.map({ top.value > $0.value }) ?? true { best = top }
    }
    if let best { kernel = MarginalLikelihood.kernel(best.point) }
  }

  private func starts(_ likelihood: MarginalLikelihood) -> [[Double]] {
    var usual: [(parameters: [Double], value: Double)] = []
    for factor in [0.4, 1, 3] {
      for noise in [1e-4, 1e-1] {
        let length = factor * Self.usualLength(kernel.lengths.count)
        let parameters = MarginalLikelihood.parameters(
          MaternKernel(amplitude: 1, lengths: kernel.lengths.map { _ in length }, noise: noise))
        guard let value = likelihood.evaluate(parameters)?.value else { continue }
        usual.append((parameters, value))
      }
    }
    let best = usual.max { $0.value < $1.value }
    return [MarginalLikelihood.parameters(kernel)] + (best.map { [$0.parameters] } ?? [])
  }

  /// - Parameter points: each with a name, under which what was worked out for it is kept.
  mutating func foretell(
    _ points: [(name: String, point: [Double])]
  ) -> [(mean: Double, variance: Double)] {
    // Taken out, so that they are not copied when they grow.
    var asked = points.map { queries.removeValue(forKey: $0.name) ?? process.query($0.point) }
    process.update(&asked)
    for (point, query) in zip(points, asked) { queries[point.name] = query }
    return asked.map { process.foretell($0, whitened) }
  }

  /// What is kept of points with other names is given up.
  mutating func forget(except names: Set<String>) {
    queries = queries.filter { names.contains($0.key) }
  }
}
