import OperatingSystem

/// The program under test.
enum Program {
  /// It is built into the directory of these tests' own program.
  static let path = Path.join(Path.parent(of: Environment.ownProgram), "nntop")
}

/// Programs that some tests need and not every machine has.
enum Tool {
  static let tmux = find("tmux")
  static let python = find("python3")
  static let mount = find("mount")
  static let bash = find("bash")

  /// The path of a program in `PATH`.
  static func find(_ name: String) -> String? {
    let files = LocalFileSystem()
    return (Environment.value("PATH") ?? "").split(separator: ":").lazy
      .map { Path.join(String($0), name) }.first { files.exists($0) }
  }
}
