import Dashboard
import OperatingSystem

/// How the dashboard was left, kept apart from what a person configured. What cannot be read or
/// written costs nothing but the memory.
struct ViewMemory {
  /// The targets that it belongs to.
  let key: String

  init(targets: [String]) {
    key = targets.map { Path.resolved($0) }.joined(separator: "\n")
  }

  func recall() -> RememberedView? { Self.all()[key] }

  func remember(_ view: RememberedView) {
    guard let path = Self.path else { return }
    var all = Self.all()
    guard all[key] != view else { return }
    all.remember(view, for: key)
    let files = LocalFileSystem()
    do throws(SystemError) {
      try files.createDirectories(Path.parent(of: path))
      try files.replace(path, with: Array(all.text.utf8))
    } catch { return }
  }

  private static var path: String? {
    UserDirectories.state.map { Path.join($0, "views.json") }
  }

  private static func all() -> RememberedViews {
    guard let path else { return RememberedViews() }
    do throws(SystemError) {
      let bytes = try LocalFileSystem().contents(of: path, limit: RememberedViews.bytesMax)
      return RememberedViews.read(String(decoding: bytes, as: UTF8.self))
    } catch { return RememberedViews() }
  }
}
