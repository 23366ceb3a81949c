import OperatingSystem

/// The directories that hold runs: ./runs, and those in which runs were started before.
enum RunRoots {
  static let usual = "runs"
  private static let rememberedMax = 20
  private static let sizeMax = 1 << 16

  /// ./runs when it is there; otherwise the remembered ones that are; otherwise ./runs.
  static var found: [String] {
    let files = LocalFileSystem()
    if files.isDirectory(usual) { return [usual] }
    let remembered = remembered(files).filter(files.isDirectory)
    return remembered.isEmpty ? [usual] : remembered
  }

  /// Remembers a directory. What cannot be remembered costs nothing but the memory.
  static func remember(_ directory: String) {
    let files = LocalFileSystem()
    guard let path = statePath else { return }
    let absolute = Path.resolved(directory)
    let known = remembered(files)
    guard known.first != absolute else { return }
    let roots = [absolute] + known.filter { $0 != absolute }.prefix(rememberedMax - 1)
    do throws(SystemError) {
      try files.createDirectories(Path.parent(of: path))
      try files.replace(path, with: Array((roots.joined(separator: "\n") + "\n").utf8))
    } catch { return }
  }

  private static func remembered(_ files: LocalFileSystem) -> [String] {
    guard let path = statePath else { return [] }
    do throws(SystemError) {
      let bytes = try files.contents(of: path, limit: sizeMax)
      return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        .filter { $0.hasPrefix("/") }
    } catch { return [] }
  }

  private static var statePath: String? {
    UserDirectories.state.map { Path.join($0, "run-roots") }
  }
}
