import JSONText
import OperatingSystem

/// Fields that several kinds of data have.
extension ExperimentObject {
  /// More files than any set is cut into.
  private static let pathsMax = 1_000

  func seed() throws -> UInt64 {
    UInt64(try integer("seed", in: 0...Int.max, default: 1))
  }

  /// A file's absolute path; as written it is relative to the experiment file, or to the present
  /// directory when it was typed on the command line.
  func path(_ name: String) throws -> String {
    let path = absolute(try text(name, default: nil), of: fieldPath(name))
    record(name, .string(path))
    return path
  }

  /// The same of a field that may be missing.
  func pathIfGiven(_ name: String) throws -> String? {
    field(name) == nil ? nil : try path(name)
  }

  /// The absolute paths of one or more files; nil when the field is not given.
  func pathsIfGiven(_ name: String) throws -> [String]? {
    guard let node = field(name) else { return nil }
    guard let elements = node.array, !elements.isEmpty, elements.count <= Self.pathsMax else {
      throw error(
        name, "found \(node.kindName), expected a list […] of 1 to \(Self.pathsMax) files")
    }
    let paths = try elements.enumerated().map { index, element in
      guard let path = element.string else {
        throw error(name, "element \(index) is \(element.kindName), expected a file's name")
      }
      let own = "\(fieldPath(name)).\(index)"
      return absolute(path, of: text.overriddenFields.contains(own) ? own : fieldPath(name))
    }
    record(name, .array(paths.map { .string($0) }))
    return paths
  }

  private func absolute(_ path: String, of field: String) -> String {
    let directory = text.directory(of: field)
    let joined = directory == "." ? path : Path.join(directory, path)
    return Path.join(Environment.currentDirectory, joined)
  }
}
