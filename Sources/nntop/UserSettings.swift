import Dashboard
import JSONText
import OperatingSystem
import TerminalUI

/// What a person configured: read when the program starts, never written.
struct UserSettings {
  let configuration: Configuration
  /// The shipped themes and the person's own; of two with one name the person's.
  let themes: [Theme]
  /// A line for everything that was wrong; the defaults hold for it.
  let problems: [String]

  private static let themesMax = 200
  private static let themeBytesMax = 1 << 16

  static func load() -> UserSettings {
    var problems: [String] = []
    var themes = Theme.shipped
    for theme in ownThemes(&problems) {
      themes.removeAll { $0.name == theme.name }
      themes.append(theme)
    }
    let configuration = readConfiguration(themes.map(\.name), &problems)
    return UserSettings(configuration: configuration, themes: themes, problems: problems)
  }

  /// The theme of a name.
  /// - Throws: `UsageError` that names all themes when there is none.
  func theme(_ name: String) throws -> Theme {
    guard let theme = themes.first(where: { $0.name == name }) else {
      let near = NearestName.of(name, among: themes.map(\.name))
      throw UsageError(
        "there is no theme \(name)"
          + (near.map { "; did you mean \($0)?" }
            ?? "; there are \(themes.map(\.name).joined(separator: ", "))"))
    }
    return theme
  }

  /// What the configuration decides of how things are shown.
  var display: DisplaySettings {
    var settings = DisplaySettings()
    settings.memoryBudgetBytes = configuration.memoryMegabytes * 1_000_000
    settings.usesDecimalBytes = configuration.byteUnits == .decimal
    settings.isYLogarithmic = configuration.isYLogarithmic
    settings.utcOffsetSeconds =
      configuration.wallTime == .utc
      ? 0 : LocalTime.offsetSeconds(wallSeconds: SystemClock().wallSeconds())
    return settings
  }

  private static func readConfiguration(
    _ themes: [String], _ problems: inout [String]
  ) -> Configuration {
    guard let directory = UserDirectories.configuration else { return .standard }
    let path = Path.join(directory, "config.json")
    let files = LocalFileSystem()
    guard files.exists(path) else { return .standard }
    do throws(SystemError) {
      let bytes = try files.contents(of: path, limit: Configuration.bytesMax)
      let (configuration, found) = Configuration.read(
        String(decoding: bytes, as: UTF8.self), file: "config.json", actions: Keymap.actionNames,
        themes: themes, views: DashboardState.viewNames)
      problems += found
      return configuration
    } catch {
      problems.append("\(error); the defaults hold")
      return .standard
    }
  }

  private static func ownThemes(_ problems: inout [String]) -> [Theme] {
    guard let directory = UserDirectories.configuration.map({ Path.join($0, "themes") }) else {
      return []
    }
    let files = LocalFileSystem()
    guard files.isDirectory(directory) else { return [] }
    var themes: [Theme] = []
    do throws(SystemError) {
      let names = try files.entries(of: directory).filter { $0.hasSuffix(".theme") }
      for name in names.prefix(themesMax) {
        let path = Path.join(directory, name)
        let bytes = try files.contents(of: path, limit: themeBytesMax)
        let (theme, found) = ThemeFile.read(
          String(decoding: bytes, as: UTF8.self), name: String(name.dropLast(".theme".count)))
        themes.append(theme)
        problems += found.map { "themes/\(name):\($0.line): \($0.message)" }
      }
    } catch {
      problems.append("\(error)")
    }
    return themes
  }
}
