import OperatingSystem

/// The files below a directory whose paths are keys, as in "val/loss".
enum StoreFiles {
  private static let depthMax = 8
  private static let filesMax = 10_000

  /// Their paths from the directory on, each directory in the order of its names. Links are not
  /// followed: they may lead anywhere.
  static func names(in directory: String, _ files: any FileSystem) -> [String] {
    var found: [String] = []
    visit(directory, below: "", depth: 1, files, &found)
    return found
  }

  private static func visit(
    _ directory: String, below: String, depth: Int, _ files: any FileSystem,
    _ found: inout [String]
  ) {
    do throws(SystemError) {
      for name in try files.entries(of: directory) where found.count < filesMax {
        let path = Path.join(directory, name)
        guard !Path.isLink(path) else { continue }
        switch try files.status(at: path).kind {
        case .file: found.append(below + name)
        case .directory where depth < depthMax:
          visit(path, below: below + name + "/", depth: depth + 1, files, &found)
        default: continue
        }
      }
    } catch { return }  // a run without any, or one that is being removed
  }
}
