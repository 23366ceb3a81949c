import TensorFiles

/// Tensors of known numbers on disk.
enum TensorSample {
  typealias Named = (name: String, shape: [Int], values: [Float])

  static func write(_ tensors: [Named], to path: String) throws {
    let values = UnsafeMutableBufferPointer<Float>.allocate(
      capacity: tensors.reduce(0) { $0 + $1.values.count })
    defer { values.deallocate() }
    var offset = 0
    let entries = tensors.map { tensor -> SafetensorsTensor in
      let range = offset..<offset + tensor.values.count
      _ = values[range].initialize(from: tensor.values)
      offset = range.upperBound
      return SafetensorsTensor(
        name: tensor.name, type: .float32, shape: tensor.shape,
        bytes: UnsafeRawBufferPointer(UnsafeMutableBufferPointer(rebasing: values[range])))
    }
    try SafetensorsWriter().write(entries, to: path)
  }
}
