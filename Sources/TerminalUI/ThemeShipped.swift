/// The themes of the repository's directory `themes`, compiled in.
extension Theme {
  /// Every theme that the program brings, in the order in which a key walks through them. A test
  /// keeps this list and the directory the same.
  public static let shipped: [Theme] = [
    standard, light, colorblindDark, colorblindLight, terminal, monochrome,
  ]

  /// Dark, on the terminal's own background.
  public static let standard = compiled(
    "standard", PackageResources.standard_theme, base: Theme(monochrome: "base"))
  /// Dark characters on white.
  static let light = compiled("light", PackageResources.light_theme, base: standard)
  /// Bold, faint, underline and reverse only.
  public static let monochrome = compiled(
    "monochrome", PackageResources.monochrome_theme, base: standard)
  private static let colorblindDark = compiled(
    "colorblind-dark", PackageResources.colorblind_dark_theme, base: standard)
  private static let colorblindLight = compiled(
    "colorblind-light", PackageResources.colorblind_light_theme, base: light)
  private static let terminal = compiled(
    "terminal", PackageResources.terminal_theme, base: standard)

  /// The shipped theme of this name, in capital letters or not.
  public static func named(_ name: String) -> Theme? {
    shipped.first { $0.name == name.lowercased() }
  }

  private static func compiled(_ name: String, _ bytes: [UInt8], base: Theme) -> Theme {
    ThemeFile.read(String(decoding: bytes, as: UTF8.self), name: name, base: base).theme
  }
}
