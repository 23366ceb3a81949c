import OperatingSystem

/// Where a person's files for this program are, as the XDG base directory specification has it.
enum UserDirectories {
  /// `$XDG_CONFIG_HOME/nntop`; nil without a home.
  static var configuration: String? { path("XDG_CONFIG_HOME", ".config") }
  /// `$XDG_STATE_HOME/nntop`; nil without a home.
  static var state: String? { path("XDG_STATE_HOME", ".local/state") }

  private static func path(_ variable: String, _ usual: String) -> String? {
    let given = Environment.value(variable).flatMap { $0.hasPrefix("/") ? $0 : nil }
    let home = Environment.value("HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
    return (given ?? home.map { Path.join($0, usual) }).map { Path.join($0, "nntop") }
  }
}
