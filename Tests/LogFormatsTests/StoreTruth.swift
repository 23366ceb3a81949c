import JSONText
import OperatingSystem
import RunLog
import TestSupport
import Testing

@testable import LogFormats

/// What a library itself reads of a sample, in `Truth/`.
struct StoreTruth {
  let runs: [JSON]

  init(_ name: String) throws {
    let path = Repository.path("Tests/LogFormatsTests/Truth/\(name).json")
    let bytes = try LocalFileSystem().contents(of: path, limit: 1 << 22)
    runs = try #require(try JSONReader(options: .record).read(bytes).json["runs"]?.array)
  }

  /// The events of every run that is found at a path, by the name that its log gives it.
  static func readAll(_ path: String, clock: any Clock = ManualClock()) throws -> [String:
    [RunEvent]]
  {
    var finder = RunFinder(files: LocalFileSystem(), clock: clock)
    var found: [String: [RunEvent]] = [:]
    for run in try finder.runs(at: path) {
      var log = CollectingReader(run.open())
      log.read()
      found[log.events.runName ?? run.name] = log.events
    }
    return found
  }

  /// Compares all runs at a path with it.
  /// - Parameters:
  ///   - separator: stands between names of nested settings where the truth has "/".
  ///   - except: series that are not metrics here.
  func check(_ found: [String: [RunEvent]], separator: String = "/", except: Set<String> = []) {
    #expect(Set(found.keys) == Set(runs.compactMap { $0["name"]?.string }))
    for run in runs {
      let name = run["name"]?.string ?? ""
      let events = found[name] ?? []
      #expect(events.troubles == [], "\(name)")
      checkSeries(run["series"]?.members ?? [], events.points, name, except)
      checkSettings(run["hyperparameters"]?.members ?? [], events.hyperparameters, name, separator)
      #expect(events.outcomeText == run["status"]?.string, "\(name)")
    }
  }

  private func checkSeries(
    _ series: [JSON.Member], _ points: [ScalarPoint], _ name: String, _ except: Set<String>
  ) {
    let wanted = series.filter { !except.contains($0.name) }
    #expect(Set(points.map(\.tag)) == Set(wanted.map(\.name)), "\(name)")
    for one in wanted {
      let own = points.filter { $0.tag == one.name }
      let place = "\(name) \(one.name)"
      #expect(own.count == one.value["count"]?.integer.map(Int.init), "\(place)")
      #expect(own.first?.step == one.value["firstStep"]?.integer, "\(place)")
      #expect(own.last?.step == one.value["lastStep"]?.integer, "\(place)")
      #expect(isNear(own.first?.value, one.value["first"]), "\(place)")
      #expect(isNear(own.last?.value, one.value["last"]), "\(place)")
      let finite = own.map(\.value).filter(\.isFinite)
      let sum = finite.reduce(0.0) { $0 + Double($1) }
      let wantedSum = one.value["sum"]?.double ?? .nan
      #expect(abs(sum - wantedSum) <= abs(wantedSum) * 1e-6 + 1e-9, "\(place)")
      #expect(Int64(own.count - finite.count) == one.value["nonFinite"]?.integer, "\(place)")
      #expect(own.allSatisfy { $0.wallTime > 1_600_000_000 }, "\(place)")
    }
  }

  private func isNear(_ value: Float?, _ wanted: JSON?) -> Bool {
    guard let value else { return wanted == nil }
    if let number = wanted?.double { return Float(number) == value }
    return switch wanted?.string {
    case "NaN": value.isNaN
    case "Infinity": value == .infinity
    case "-Infinity": value == -.infinity
    default: false
    }
  }

  private func checkSettings(
    _ wanted: [JSON.Member], _ found: [Hyperparameter], _ name: String, _ separator: String
  ) {
    func text(_ value: JSON) -> String { value.string ?? value.text() }
    let pairs = wanted.map { member in
      (member.name.split(separator: "/").joined(separator: separator), text(member.value))
    }
    #expect(
      Dictionary(uniqueKeysWithValues: pairs)
        == Dictionary(uniqueKeysWithValues: found.map { ($0.name, text($0.value)) }), "\(name)")
  }
}

extension [RunEvent] {
  /// What the log calls its run, at last.
  var runName: String? {
    reduce(nil) { if case .named(let name) = $1 { name } else { $0 } }
  }

  var hyperparameters: [Hyperparameter] {
    reduce([]) { if case .hyperparameters(let new) = $1 { new } else { $0 } }
  }

  var outcome: Outcome? {
    reduce(nil) { if case .outcome(let outcome) = $1 { outcome } else { $0 } }
  }

  fileprivate var outcomeText: String {
    outcome.map { "\($0)" } ?? "unknown"
  }

  /// Each point as "tag step value".
  var pointLines: [String] { points.map { "\($0.tag) \($0.step) \($0.value)" } }
}
