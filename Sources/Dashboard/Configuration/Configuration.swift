import RunModel
import TerminalUI

/// What the user chose in `$XDG_CONFIG_HOME/nntop/config.json`; the program never writes it.
public struct Configuration: Equatable, Sendable {
  /// Multiples of 1024 or of 1000.
  public enum ByteUnits: String, CaseIterable, Sendable {
    case binary, decimal
  }

  /// The zone in which wall times are shown.
  public enum WallTime: String, CaseIterable, Sendable {
    case local, utc
  }

  /// The theme's name; nil: none was chosen.
  public var theme: String?
  /// Keys that replace an action's own, by the action's name; none: the action is disabled.
  public var keys: [String: [Key]] = [:]
  /// How amounts of memory are shown.
  public var byteUnits = ByteUnits.binary
  /// How times of day are shown.
  public var wallTime = WallTime.local
  /// The view that is shown first; nil: none was chosen.
  public var view: String?
  /// What charts show from left to right at first.
  public var xAxis = TimeAxis.step
  /// The weight of the past in smoothed curves, from 0 up to and without 1.
  public var smoothing: Float = 0
  /// Whether y axes are logarithmic at first.
  public var isYLogarithmic = false
  /// Whether outliers may lie outside of a chart at first.
  public var clipsOutliers = false
  /// Whether the program takes the mouse at first.
  public var hasMouse = false
  /// Whether only ASCII is drawn.
  public var usesASCII = false
  /// The most that is sent to the terminal in a second; 0: no limit.
  public var bytesPerSecond = 0
  /// What the program may take of memory, in millions of bytes.
  public var memoryMegabytes = 1000
  /// Directories that are opened when no target is named.
  public var runs: [String] = []

  /// What holds where nothing is chosen.
  public static let standard = Configuration()

  /// The longest file that is read, in bytes.
  public static let bytesMax = 1 << 20
  /// How many problems of one file are told; another line counts the rest.
  public static let problemsMax = 20
  /// How many keys an action can have.
  public static let keysPerActionMax = 8
  /// How many directories `runs` can name.
  public static let runsMax = 64
  /// The largest smoothing.
  public static let smoothingMax: Float = 0.999

  init() {}

  /// Reads a configuration file: JSON with comments and trailing commas.
  ///
  /// - Parameters:
  ///   - text: the file's contents; a blank one chooses nothing.
  ///   - file: its name, for the problems.
  ///   - actions: the names that `keys` may use.
  ///   - themes: the names that `theme` may use; empty: any.
  ///   - views: the names that `defaults.view` may use; empty: any.
  /// - Returns: the choices, defaults where there is none or a wrong one, and a line for each
  ///   problem, safe to show on a terminal.
  public static func read(
    _ text: String, file: String, actions: [String], themes: [String], views: [String]
  ) -> (Configuration, [String]) {
    var reader = ConfigurationReader(file: file, actions: actions, themes: themes, views: views)
    reader.read(text)
    return (reader.configuration, reader.problemLines)
  }
}
