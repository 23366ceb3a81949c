import OperatingSystem

/// Where the package and the data beside it lie.
public enum Repository {
  /// The directory of Package.swift.
  public static var root: String {
    Path.parent(of: Path.parent(of: Path.parent(of: Path.resolved(#filePath))))
  }

  /// The path of something in the package, such as "Sources/RunLog".
  public static func path(_ name: String) -> String {
    Path.join(root, name)
  }

  /// The directory of the MNIST files; nil where they are not at hand.
  public static var mnist: String? {
    let directory = Path.join(Path.parent(of: root), "shared/data/mnist")
    return LocalFileSystem().isDirectory(directory) ? directory : nil
  }
}
