import JSONText
import OperatingSystem
import RunLog
import TensorFiles

/// The safetensors files that a person means by a path.
struct WeightFiles {
  let paths: [String]

  private static let indexSizeMax = 16 << 20
  private static let filesMax = 10_000
  private static let indexSuffix = ".safetensors.index.json"
  private static let suffix = ".safetensors"

  /// nil when the path holds no weights: it is for others to read.
  /// - Throws: `Failure` when it should and cannot be read.
  init?(_ path: String, files: any FileSystem) throws {
    if files.isDirectory(path) {
      paths = try Self.inDirectory(path, files)
    } else if path.hasSuffix(Self.indexSuffix) {
      paths = try Self.inIndex(path, files)
    } else if Self.isWeights(path, files) {
      paths = [path]
    } else {
      return nil
    }
  }

  /// By its name, or by a header that begins as one of safetensors does.
  private static func isWeights(_ path: String, _ files: any FileSystem) -> Bool {
    if path.hasSuffix(suffix) { return true }
    do throws(SystemError) {
      guard try files.status(at: path).kind == .file else { return false }
      let head = try files.contents(of: path, limit: 9)
      return head.count == 9 && head[8] == UInt8(ascii: "{") && head[7] == 0 && head[6] == 0
    } catch { return false }  // who reads it next says why it cannot be read
  }

  /// The newest checkpoint of a run, or the weights of a model.
  private static func inDirectory(_ path: String, _ files: any FileSystem) throws -> [String] {
    let checkpoints = RunDirectory(path: path).checkpointsPath
    if files.isDirectory(checkpoints) {
      let names = try files.entries(of: checkpoints).filter {
        $0.hasPrefix("step-") && $0.hasSuffix(suffix)
      }
      guard let newest = names.last else {
        throw Failure("\(path): this run has no checkpoints yet; C in the dashboard writes one")
      }
      return [Path.join(checkpoints, newest)]
    }
    let names = try files.entries(of: path)
    if let index = names.first(where: { $0.hasSuffix(indexSuffix) }) {
      return try inIndex(Path.join(path, index), files)
    }
    let weights = names.filter { $0.hasSuffix(suffix) }.prefix(filesMax)
    guard !weights.isEmpty else {
      throw Failure("\(path): neither a run nor a directory with safetensors files")
    }
    return weights.map { Path.join(path, $0) }
  }

  /// The files that an index of Hugging Face's names, each once.
  private static func inIndex(_ path: String, _ files: any FileSystem) throws -> [String] {
    guard try files.status(at: path).size <= indexSizeMax else {
      throw Failure("\(path): it is larger than \(indexSizeMax >> 20) MiB")
    }
    let text = try files.contents(of: path, limit: indexSizeMax)
    let node: JSONNode
    do throws(JSONError) {
      node = try JSONReader(options: .record).read(text)
    } catch {
      throw Failure("\(path): \(error)")
    }
    guard let members = node["weight_map"]?.members else {
      throw Failure("\(path): it has no weight_map, so it is no index of weights")
    }
    let names = Set(members.compactMap(\.node.string)).sorted()
    for name in names where name.contains("/") || name.hasPrefix(".") {
      throw Failure("\(path): it names '\(name)', which is no file beside it")
    }
    return names.prefix(filesMax).map { Path.join(Path.parent(of: path), $0) }
  }
}
