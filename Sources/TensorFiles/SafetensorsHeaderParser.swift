import JSONText

/// From a header's text to its entries, with every check that needs no data.
struct SafetensorsHeaderParser {
  let path: String
  let dataOffset: Int

  /// - Parameters:
  ///   - text: the header.
  ///   - dataCount: how many bytes follow it in the file.
  func parse(_ text: [UInt8], dataCount: Int) throws(TensorFileError) -> SafetensorsHeader {
    guard text.first == UInt8(ascii: "{") else {
      throw TensorFileError(
        path: path, offset: 8, problem: "the header does not begin with '{'",
        advice: "is it a safetensors file?")
    }
    guard String(validating: text, as: UTF8.self) != nil else {
      throw TensorFileError(
        path: path, offset: 8, problem: "the header is not valid UTF-8",
        advice: "copy it again")
    }
    var metadata: [(name: String, value: String)] = []
    var tensors: [SafetensorsHeader.Entry] = []
    for member in try members(of: text) {
      if member.name == "__metadata__" {
        metadata = try self.metadata(from: member.node)
      } else {
        tensors.append(try entry(named: member.name, from: member.node))
      }
    }
    tensors.sort { first, second in
      (first.bytes.lowerBound, first.bytes.upperBound)
        < (second.bytes.lowerBound, second.bytes.upperBound)
    }
    try checkTiling(tensors, dataCount: dataCount)
    return SafetensorsHeader(
      metadata: metadata, tensors: tensors, dataOffset: dataOffset, dataCount: dataCount)
  }

  private func members(of text: [UInt8]) throws(TensorFileError) -> [JSONNode.Member] {
    let options = JSONReader.Options(
      duplicateNames: .rejected, depthMax: SafetensorsHeader.depthMax)
    do throws(JSONError) {
      return try JSONReader(options: options).read(text).members ?? []
    } catch {
      throw complaint(at: error.position, error.reason)
    }
  }

  private func metadata(
    from node: JSONNode
  ) throws(TensorFileError) -> [(name: String, value: String)] {
    if node.isNull { return [] }
    guard let members = node.members else {
      throw complaint(at: node.position, "__metadata__ is \(node.kindName), not an object")
    }
    var metadata: [(name: String, value: String)] = []
    for member in members {
      guard let value = member.node.string else {
        throw complaint(
          at: member.node.position,
          "'\(shown(member.name))' in __metadata__ is \(member.node.kindName), not a string")
      }
      metadata.append((member.name, value))
    }
    return metadata
  }

  private func entry(
    named name: String, from node: JSONNode
  ) throws(TensorFileError) -> SafetensorsHeader.Entry {
    guard let typeNode = node["dtype"], let shapeNode = node["shape"],
      let offsetsNode = node["data_offsets"]
    else {
      throw complaint(
        at: node.position, "the tensor '\(shown(name))' lacks dtype, shape or data_offsets")
    }
    guard let type = typeNode.string.flatMap(ElementType.init) else {
      throw complaint(
        at: typeNode.position,
        "the tensor '\(shown(name))' has an unknown dtype "
          + (typeNode.string.map { "'\(shown($0))'" } ?? "(\(typeNode.kindName))"))
    }
    guard let shape = wholeNumbers(shapeNode) else {
      throw complaint(
        at: shapeNode.position,
        "the shape of the tensor '\(shown(name))' is not a list of whole numbers from 0")
    }
    guard let offsets = wholeNumbers(offsetsNode), offsets.count == 2, offsets[0] <= offsets[1]
    else {
      throw complaint(
        at: offsetsNode.position,
        "the data_offsets of the tensor '\(shown(name))' are not two whole numbers in order")
    }
    guard let byteCount = type.byteCount(shape: shape) else {
      throw complaint(
        at: shapeNode.position,
        "the tensor '\(shown(name))' of \(shown(times(shape))) \(type.rawValue) has no "
          + "possible size"
      )
    }
    guard byteCount == offsets[1] - offsets[0] else {
      throw complaint(
        at: offsetsNode.position,
        "the tensor '\(shown(name))' of \(shown(times(shape))) \(type.rawValue) needs "
          + "\(grouped(byteCount)) bytes, its data_offsets hold \(grouped(offsets[1] - offsets[0]))"
      )
    }
    return SafetensorsHeader.Entry(
      name: name, type: type, shape: shape, bytes: offsets[0]..<offsets[1])
  }

  /// The elements of an array of integers from 0; 1.0 is none.
  private func wholeNumbers(_ node: JSONNode) -> [Int]? {
    guard let elements = node.array else { return nil }
    var numbers: [Int] = []
    for element in elements {
      guard case .integer(let value) = element.kind, value >= 0 else { return nil }
      numbers.append(Int(value))
    }
    return numbers
  }

  /// No holes, no overlaps, and neither more nor less data than the tensors need.
  private func checkTiling(
    _ tensors: [SafetensorsHeader.Entry], dataCount: Int
  ) throws(TensorFileError) {
    var end = 0
    for tensor in tensors {
      let begin = tensor.bytes.lowerBound
      guard begin == end else {
        throw TensorFileError(
          path: path, offset: place(begin),
          problem:
            "the tensor '\(shown(tensor.name))' begins at \(grouped(begin)) of the data, but "
            + "the one before it ends at \(grouped(end))",
          advice: "the file is damaged or was not written as safetensors")
      }
      end = tensor.bytes.upperBound
    }
    guard end <= dataCount else {
      throw TensorFileError(
        path: path,
        problem: "the tensors need \(grouped(end)) bytes after the header, the file has "
          + grouped(dataCount),
        advice: "copy it again, or wait until it is written")
    }
    guard end == dataCount else {
      throw TensorFileError(
        path: path, offset: place(end),
        problem: "\(grouped(dataCount - end)) bytes follow the last tensor",
        advice: "copy it again")
    }
  }

  /// The offset in the file of an offset in the data; nil when there is no such file.
  private func place(_ offset: Int) -> Int? {
    let (place, overflow) = offset.addingReportingOverflow(dataOffset)
    return overflow ? nil : place
  }

  private func complaint(at position: JSONPosition, _ reason: String) -> TensorFileError {
    TensorFileError(
      path: path, offset: 8 + position.offset, problem: "the header is wrong: " + reason,
      advice: "the file is damaged or was not written as safetensors")
  }
}
