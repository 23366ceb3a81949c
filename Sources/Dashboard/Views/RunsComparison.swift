import JSONText
import RunModel

/// The hyper-parameters of one run beside those of others.
struct RunsComparison {
  struct Setting {
    let name: String
    let value: JSON?
    /// The values that the others have, each once; nil among them: one has none.
    let others: [JSON?]
  }

  /// Those that are not the same in all.
  private(set) var differing: [Setting] = []
  /// Those that are.
  private(set) var same: [Setting] = []

  init(_ run: Run, with others: [Run]) {
    let own = RunsSettings(run)
    let theirs = others.map(RunsSettings.init)
    var known = Set(own.names)
    let names = own.names + theirs.flatMap(\.names).filter { known.insert($0).inserted }
    for name in names {
      let value = own.values[name]
      var distinct: [JSON?] = []
      for settings in theirs {
        let other = settings.values[name]
        if !distinct.contains(where: { RunsSettings.areEqual($0, other) }) {
          distinct.append(other)
        }
      }
      let setting = Setting(name: name, value: value, others: distinct)
      if distinct.allSatisfy({ RunsSettings.areEqual($0, value) }) {
        same.append(setting)
      } else {
        differing.append(setting)
      }
    }
  }
}
