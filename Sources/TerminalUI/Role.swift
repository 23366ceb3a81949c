/// What a cell means; a theme gives each meaning its colour.
public enum Role: UInt8, CaseIterable, Hashable, Sendable {
  /// Readable on whatever background it stands on: black or white on a heat cell.
  case `default`
  /// Ordinary text.
  case text
  /// Text of less importance; still readable.
  case dim
  /// Headings and names of panels.
  case title
  /// Keys in the footer and in help.
  case hotKey
  /// Frames, rules and axes.
  case border
  /// Lines behind a chart; decoration only.
  case grid
  /// Background of the chosen row.
  case selection
  /// Background of everything else.
  case background
  /// Finished, accepted, healthy.
  case statusGood
  /// Wants attention.
  case statusWarning
  /// Failed, refused, not a number.
  case statusBad
  /// Events on a time axis.
  case mark
  /// The filled part of a bar.
  case barFilled
  /// The rest of a bar.
  case barEmpty
  /// The curves, in the order in which they are handed out.
  case series1, series2, series3, series4, series5, series6, series7, series8
  /// A raw curve behind its smoothed one.
  case seriesFaint
  /// A ramp whose lightness rises from 0 to 15.
  case heat0, heat1, heat2, heat3, heat4, heat5, heat6, heat7
  case heat8, heat9, heat10, heat11, heat12, heat13, heat14, heat15

  /// The number of steps in the heat ramp.
  public static let heatSteps = 16
  /// The number of series colours.
  public static let seriesCount = 8

  /// The step of the heat ramp for a fraction of 0 to 1; clamped, and 0 for not-a-number.
  public static func heat(_ fraction: Double) -> Role {
    let clamped = fraction.isNaN ? 0 : min(max(fraction, 0), 1)
    let step = min(Int(clamped * Double(heatSteps)), heatSteps - 1)
    return Role(rawValue: Role.heat0.rawValue + UInt8(step)) ?? .heat0
  }

  /// The colour of the series with this index; starts again after `seriesCount`.
  public static func series(_ index: Int) -> Role {
    let step = ((index % seriesCount) + seriesCount) % seriesCount
    return Role(rawValue: Role.series1.rawValue + UInt8(step)) ?? .series1
  }

  /// Whether this is a step of the heat ramp.
  public var isHeat: Bool { rawValue >= Role.heat0.rawValue && rawValue <= Role.heat15.rawValue }

  /// The letter that stands for this role in snapshots; no two roles share one.
  public var letter: Character { Role.letters[Int(rawValue)] }

  /// What a theme file calls this role; nil for `default`, which follows from what is behind it.
  public var themeKey: String? { self == .default ? nil : Role.themeKeys[Int(rawValue)] }

  private static let themeKeys: [String] =
    [
      "default", "text", "dim", "title", "hot_key", "border", "grid", "selection", "background",
      "status_good", "status_warning", "status_bad", "mark", "bar_filled", "bar_empty",
    ] + (1...seriesCount).map { "series_\($0)" } + ["series_faint"]
    + (0..<heatSteps).map { "heat_\($0)" }

  private static let letters = [Character]("/tdTkbrS_gwxm#-12345678fABCDEFGHIJKLMNOP")
}
