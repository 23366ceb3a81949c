import Dashboard
import OperatingSystem

/// What the start screen offers: the built-in experiment, and what lies in `sample-runs`.
enum StartChoices {
  private static let choicesMax = 12

  static var all: [StartChoice] {
    let builtIn = StartChoice(
      title: "train the built-in experiment", detail: "drawn digits, a small network",
      start: .experiment(path: nil))
    guard let samples else { return [builtIn] }
    let files = LocalFileSystem()
    let experiments = Path.join(samples, "experiments")
    let trainings = entries(of: experiments, files).filter { $0.hasSuffix(".json") }.map {
      StartChoice(
        title: "train \($0)", detail: Path.join(experiments, $0),
        start: .experiment(path: Path.join(experiments, $0)))
    }
    let recorded = Path.join(samples, "glyphs")
    let looks = [
      StartChoice(
        title: "look at a recorded run", detail: recorded, start: .target(path: recorded)),
      StartChoice(
        title: "look at logs of other programs", detail: samples,
        start: .target(path: samples)),
    ]
    return Array(([builtIn] + looks + trainings).prefix(choicesMax))
  }

  /// `sample-runs` here, or above the program where it was built.
  private static var samples: String? {
    let files = LocalFileSystem()
    let levelsMax = 5
    if files.isDirectory("sample-runs") { return "sample-runs" }
    var place = Path.parent(of: Environment.ownProgram)
    for _ in 0..<levelsMax {
      let candidate = Path.join(place, "sample-runs")
      if files.isDirectory(candidate) { return candidate }
      place = Path.parent(of: place)
    }
    return nil
  }

  private static func entries(of directory: String, _ files: LocalFileSystem) -> [String] {
    do throws(SystemError) {
      return try files.entries(of: directory)
    } catch { return [] }  // nothing to offer there
  }
}
