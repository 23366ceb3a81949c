import Dashboard
import OperatingSystem

/// How the dashboard was left, kept apart from what a person configured. What cannot be read or
/// written costs nothing but the memory.
struct ViewMemory {
  /// As they were given, and where they are.
  private let targets: [(given: String, absolute: String)]

  init(targets: [String]) {
    let here = Environment.currentDirectory
    self.targets = targets.map { target in
      let resolved = Path.resolved(target)
      return (target, resolved.hasPrefix("/") ? resolved : Path.join(here, resolved))
    }
  }

  /// What it is kept under: the same targets from whatever directory.
  private var key: String { targets.map(\.absolute).joined(separator: "\n") }

  func recall() -> RememberedView? {
    guard var view = Self.all()[key] else { return nil }
    view.marked = view.marked.map { moved($0, from: \.absolute, to: \.given) }
    view.selected = view.selected.map { moved($0, from: \.absolute, to: \.given) }
    return view
  }

  func remember(_ left: RememberedView) {
    guard let path = Self.path else { return }
    var view = left
    view.marked = view.marked.map(absolute)
    view.selected = view.selected.map(absolute)
    var all = Self.all()
    guard all[key] != view else { return }
    all.remember(view, for: key)
    let files = LocalFileSystem()
    do throws(SystemError) {
      try files.createDirectories(Path.parent(of: path))
      try files.replace(path, with: Array(all.text.utf8))
    } catch { return }
  }

  private func absolute(_ path: String) -> String {
    let moved = moved(path, from: \.given, to: \.absolute)
    return moved.hasPrefix("/") ? moved : Path.join(Environment.currentDirectory, moved)
  }

  /// A path below a target, named by way of the same target's other name.
  private func moved(
    _ path: String, from old: KeyPath<(given: String, absolute: String), String>,
    to new: KeyPath<(given: String, absolute: String), String>
  ) -> String {
    for target in targets {
      let start = Path.withoutTrailingSlashes(target[keyPath: old])
      if path == start { return target[keyPath: new] }
      if path.hasPrefix(start + "/") {
        return Path.join(target[keyPath: new], String(path.dropFirst(start.count + 1)))
      }
    }
    return path
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
