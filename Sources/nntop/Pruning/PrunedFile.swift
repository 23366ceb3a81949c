import OperatingSystem
import TensorFiles

/// Writes a file with some of its weights set to 0; everything else is copied byte for byte.
///
/// In a checkpoint of nntop what goes is masked, so that a run that goes on from it keeps it so:
/// the masks are written, and the optimizer's state and the averages of what goes become 0, too.
struct PrunedFile {
  private var pruner: FilePruner
  private let rewrite: SafetensorsRewrite
  /// What is done to each tensor of the file, by name.
  private var parts: [String: Part] = [:]

  private enum Part {
    /// Zeros where the weights of a target go.
    case cleared(target: Int)
    /// 1 where they stay, and 0 where they go.
    case mask(target: Int)
  }

  init(_ pruner: FilePruner, files: any FileSystem) throws(TensorFileError) {
    self.pruner = pruner
    let roles = TensorRoles(pruner.reader.header)
    var masks: [(name: String, type: ElementType, shape: [Int])] = []
    for (index, target) in pruner.targets.enumerated() {
      let name = target.tensor.name
      parts[name] = .cleared(target: index)
      guard roles.isCheckpoint else { continue }
      for state in roles.states[name] ?? [] where state.type.isPrunable {
        parts[state.name] = .cleared(target: index)
      }
      let maskName = TensorRoles.maskPrefix + name
      parts[maskName] = .mask(target: index)
      if roles.masks[name]?.type != .boolean {
        masks.append((maskName, .boolean, target.tensor.shape))
      }
    }
    rewrite = try SafetensorsRewrite(of: pruner.reader, adding: masks, files: files)
  }

  var byteCount: Int { rewrite.byteCount }

  /// Writes it; returns the pruner with what became of each tensor.
  mutating func write(to path: String) throws(TensorFileError) -> FilePruner {
    var copy = self
    try rewrite.write(to: path) { (sink) throws(TensorFileError) in
      for tensor in rewrite.tensors {
        switch copy.parts[tensor.name] {
        case .cleared(let target): try copy.clear(tensor, target, sink)
        case .mask(let target): try copy.writeMask(target, sink)
        case nil: try copy.copy(tensor, sink)
        }
      }
    }
    self = copy
    return pruner
  }

  private func copy(
    _ tensor: SafetensorsHeader.Entry, _ sink: SafetensorsRewrite.Sink
  ) throws(TensorFileError) {
    let pieceSize = 1 << 20
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceSize, alignment: 64)
    defer { buffer.deallocate() }
    var offset = tensor.bytes.lowerBound
    while offset < tensor.bytes.upperBound {
      let count = min(pieceSize, tensor.bytes.upperBound - offset)
      let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
      try pruner.reader.fill(piece, from: offset)
      try sink.write(UnsafeRawBufferPointer(piece))
      offset += count
    }
  }

  private mutating func clear(
    _ tensor: SafetensorsHeader.Entry, _ target: Int, _ sink: SafetensorsRewrite.Sink
  ) throws(TensorFileError) {
    let size = tensor.type.bitCount / 8
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: SafetensorsReader.pieceMax * size, alignment: 64)
    defer { buffer.deallocate() }
    let reader = pruner.reader
    var zeros = 0
    try pruner.removals(target) { (gone, first) throws(TensorFileError) in
      let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<(gone.count * size)])
      try reader.fill(piece, from: tensor.bytes.lowerBound + first * size)
      zeros += Self.clear(piece, elementSize: size, where: gone)
      try sink.write(UnsafeRawBufferPointer(piece))
    }
    pruner.note(zeros: zeros, of: target)
  }

  /// Returns how many elements it set to 0.
  private static func clear(
    _ bytes: UnsafeMutableRawBufferPointer, elementSize: Int, where gone: UnsafeBufferPointer<Bool>
  ) -> Int {
    switch elementSize {
    case 2: clear(bytes.bindMemory(to: UInt16.self), where: gone)
    case 4: clear(bytes.bindMemory(to: UInt32.self), where: gone)
    default: clear(bytes.bindMemory(to: UInt64.self), where: gone)
    }
  }

  @inline(__always)
  private static func clear<Bits: FixedWidthInteger>(
    _ elements: UnsafeMutableBufferPointer<Bits>, where gone: UnsafeBufferPointer<Bool>
  ) -> Int {
    var count = 0
    for index in 0..<gone.count {
      elements[index] = gone[index] ? 0 : elements[index]
      count &+= gone[index] ? 1 : 0
    }
    return count
  }

  private mutating func writeMask(
    _ target: Int, _ sink: SafetensorsRewrite.Sink
  ) throws(TensorFileError) {
    try pruner.removals(target) { (gone, _) throws(TensorFileError) in
      try sink.write(gone.map { $0 ? 0 : 1 })
    }
  }
}
