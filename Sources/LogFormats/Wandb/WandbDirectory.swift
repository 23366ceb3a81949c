/// What W&B's client keeps beside its run files.
enum WandbDirectory {
  /// The names in a directory that may lead to logs. Where there is a run file it has all that the
  /// run's other files have: what was printed, and what the client says of itself. Beside the runs'
  /// directories there are links to the newest.
  static func entries(_ names: [String]) -> [String] {
    let runFiles = names.filter { $0.hasSuffix(".wandb") }
    if !runFiles.isEmpty { return runFiles }
    return names.contains("latest-run") ? names.filter { !links.contains($0) } : names
  }

  private static let links: Set<String> = ["latest-run", "debug.log", "debug-internal.log"]
}
