/// What the names in a record say: which number counts the steps, and which tells the time.
enum StepKey {
  /// Before others where a record has several.
  private static let names = [
    "step", "global_step", "_step", "iteration", "iter", "iters",
    // Before "update", which fairseq writes beside it as a fraction of the epoch.
    "num_updates", "update", "training_iteration", "total_timesteps",
  ]
  private static let timeNames = ["timestamp", "_timestamp", "time", "ts", "wall_time"]
  private static let suffixRank = 100

  /// From here on a rank counts epochs, not steps.
  static let epochRank = 1000
  /// The rank of what counts neither.
  static let noRank = Int.max

  /// The lower, the better it counts the steps.
  static func rank(of name: String) -> Int {
    let whole = plain(name)
    if let rank = names.firstIndex(of: whole) { return rank }
    if whole == "epoch" { return epochRank }
    if whole.hasSuffix("_num_updates") { return suffixRank }
    guard let slash = whole.lastIndex(of: "/") else { return noRank }
    let last = String(whole[whole.index(after: slash)...])
    if let rank = names.firstIndex(of: last) { return suffixRank + rank }
    return last == "epoch" ? epochRank + suffixRank : noRank
  }

  /// The lower, the better it tells the time.
  static func timeRank(of name: String) -> Int {
    timeNames.firstIndex(of: plain(name)) ?? noRank
  }

  /// Seconds since 1970, of a number that counts those, or thousandths, millionths or milliardths
  /// of them; nil when it is some other time, such as that since the start.
  static func wallSeconds(_ value: Double) -> Double? {
    guard value > 1e8, value < 1e20 else { return nil }
    if value > 1e17 { return value / 1e9 }
    if value > 1e14 { return value / 1e6 }
    return value > 1e11 ? value / 1e3 : value
  }

  /// As programs name things: TensorBoard's tables have "Wall time".
  private static func plain(_ name: String) -> String {
    String(name.lowercased().map { $0 == " " ? "_" : $0 })
  }
}
