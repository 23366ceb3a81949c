import OperatingSystem
import RunLog
import Tensors
import Training

/// What the log costs a run: steps a second with all of it, beside those of a run that logs its
/// loss alone.
struct LogCost {
  let seconds: Double
  let rounds: Int
  private let clock = SystemClock()

  func run() throws -> BenchResult {
    var ratios: [Double] = []
    for _ in 0..<rounds {
      let bare = try stepSeconds(["log.everySeconds=86400", "log.histogramEpochs=0"])
      ratios.append(try stepSeconds([]) / bare)
    }
    return BenchResult(
      "lenet-300-100 with its whole log / with its loss alone", Median.of(ratios), "×",
      .atMost(1.03))
  }

  /// Mean seconds from one step to the next of a real run.
  private func stepSeconds(_ overrides: [String]) throws -> Double {
    let directory = try BenchDirectory()
    let text = try ExperimentText.builtIn(
      overrides: [
        "batchSize=128", "threads=1", "epochs=100000", "data.trainingCount=8000",
      ] + overrides)
    let run = try RunStart(
      text: text, runs: directory.path, name: "bench", arguments: ["bench"]
    ).create()
    let warmUpSteps = 100
    var first = (seconds: 0.0, step: 0)
    var last = first
    let control = try JSONLinesWriter(
      path: run.controlPath, files: LocalFileSystem(), permissions: 0o600)
    var isStopping = false
    let engine = try Engine(run, isHeadless: true) { progress in
      guard !isStopping else { return }
      let now = clock.monotonicSeconds()
      if progress.step == warmUpSteps { first = (now, progress.step) }
      guard progress.step > warmUpSteps else { return }
      last = (now, progress.step)
      guard now > first.seconds + seconds else { return }
      isStopping = true
      let stop = ControlCommand(
        id: ControlCommand.makeID(), wallTime: clock.wallSeconds(), author: "bench",
        request: .stop)
      do throws(SystemError) { try control.append(stop.json) } catch { isStopping = false }
    }
    _ = engine.run()
    control.close()
    try directory.remove()
    return (last.seconds - first.seconds) / Double(max(1, last.step - first.step))
  }
}
