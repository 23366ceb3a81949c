import OperatingSystem
import TensorFiles
import TestSupport

/// Safetensors files for the commands that read and write them.
enum PruneFileSamples {
  /// What a trained PyTorch network left: two of its four matrices are pruned.
  static let shapes = Repository.path("sample-runs/safetensors/shapes.safetensors")

  /// Writes F32 tensors.
  static func write(
    _ tensors: [(name: String, shape: [Int], values: [Float])],
    metadata: [(name: String, value: String)] = [], to path: String
  ) throws {
    let all = tensors.flatMap(\.values)
    try all.withUnsafeBytes { bytes in
      var offset = 0
      let entries = tensors.map { tensor -> SafetensorsTensor in
        let size = tensor.values.count * 4
        defer { offset += size }
        return SafetensorsTensor(
          name: tensor.name, type: .float32, shape: tensor.shape,
          bytes: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + size]))
      }
      try SafetensorsWriter().write(entries, metadata: metadata, to: path)
    }
  }

  static func bytes(_ path: String) throws -> [UInt8] {
    try LocalFileSystem().contents(of: path, limit: 1 << 24)
  }

  /// A tensor's numbers, whatever its type.
  static func numbers(_ name: String, in path: String) throws -> [Float] {
    let reader = try SafetensorsReader(path)
    guard let tensor = reader.header[name], let decoder = ElementDecoder(tensor.type) else {
      return []
    }
    var numbers: [Float] = []
    try reader.read(0..<tensor.elementCount, of: tensor, by: decoder) {
      (piece, _) throws(TensorFileError) in numbers += piece
    }
    return numbers
  }

  /// Weights that differ, by a fixed rule, and none of them 0.
  static func weights(_ count: Int, scale: Float = 1) -> [Float] {
    (0..<count).map { index in
      let place = Float((index &* 7919) % 1009 + 1) / 1009
      return (index % 2 == 0 ? place : -place) * scale
    }
  }
}
