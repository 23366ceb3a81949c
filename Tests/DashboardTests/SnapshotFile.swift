import OperatingSystem
import TestSupport
import Testing

/// A text beside the tests that a screen is compared with. With NNTOP_RECORD set it is written.
struct SnapshotFile {
  let name: String

  private var path: String { Repository.path("Tests/DashboardTests/Snapshots/\(name).txt") }

  private static var isRecording: Bool { Environment.value("NNTOP_RECORD") != nil }

  /// Compares all lines; a difference is told by the first of them.
  func expect(_ text: String) throws {
    let files = LocalFileSystem()
    if Self.isRecording { return try files.replace(path, with: Array(text.utf8)) }
    guard files.exists(path) else {
      Issue.record("\(path) is missing; NNTOP_RECORD=1 swift test records it")
      return
    }
    let expected = String(decoding: try files.contents(of: path, limit: 1 << 24), as: UTF8.self)
    guard text != expected else { return }
    let (old, new) = (lines(expected), lines(text))
    let first = zip(old, new).enumerated().first { $1.0 != $1.1 }
    let place = first?.offset ?? min(old.count, new.count)
    Issue.record(
      """
      \(name).txt is not what is drawn, from line \(place + 1) on:
      expected: \(place < old.count ? old[place] : "the end")
      drawn:    \(place < new.count ? new[place] : "the end")
      NNTOP_RECORD=1 swift test records what is drawn.
      """)
  }

  private func lines(_ text: String) -> [Substring] {
    text.split(separator: "\n", omittingEmptySubsequences: false)
  }
}
