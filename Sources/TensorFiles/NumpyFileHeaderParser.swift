/// Reads the dictionary of a .npy file, such as
/// `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
///
/// Only these three keys with values of these forms are known, so nothing nests and nothing is
/// evaluated.
struct NumpyFileHeaderParser {
  struct Dictionary {
    var shape: [Int]
    var type: NumpyFileHeader.Element
    var isFortranOrder: Bool
  }

  private static let nameLengthMax = 64

  private let text: [UInt8]
  private let path: String
  /// Of the text in the file.
  private let offset: Int
  private var position = 0

  init(_ text: [UInt8], path: String, offset: Int) {
    self.text = text
    self.path = path
    self.offset = offset
  }

  mutating func parse() throws(TensorFileError) -> Dictionary {
    var shape: [Int]?
    var type: NumpyFileHeader.Element?
    var isFortranOrder: Bool?
    try expect("{")
    while !take("}") {
      let place = position
      let key = try string()
      try expect(":")
      switch key {
      case "descr" where type == nil: type = try element()
      case "fortran_order" where isFortranOrder == nil: isFortranOrder = try boolean()
      case "shape" where shape == nil: shape = try tuple()
      default:
        throw complaint("'\(shown(key))' stands there twice or is no key", at: place)
      }
      if !take(",") {
        try expect("}")
        break
      }
    }
    skipSpace()
    guard position == text.count else { throw complaint("text behind the dictionary") }
    guard let shape, let type, let isFortranOrder else {
      throw complaint("it lacks descr, fortran_order or shape", at: 0)
    }
    return Dictionary(shape: shape, type: type, isFortranOrder: isFortranOrder)
  }

  /// The array's element, such as '<f4'.
  private mutating func element() throws(TensorFileError) -> NumpyFileHeader.Element {
    skipSpace()
    let place = position
    if peek("[") || peek("(") {
      throw unsupported("a structured array", at: place)
    }
    let description = try string()
    if description.hasSuffix("O") {
      throw unsupported("an array of Python objects", at: place)
    }
    let letters = Array(description)
    guard letters.count == 3, "<>|=".contains(letters[0]),
      let kind = NumpyFileHeader.Element.Kind(rawValue: letters[1]),
      let size = letters[2].wholeNumberValue, Self.sizes(of: kind).contains(size)
    else {
      throw unsupported("an array of '\(shown(description))'", at: place)
    }
    return NumpyFileHeader.Element(kind: kind, size: size, isBigEndian: letters[0] == ">")
  }

  private static func sizes(of kind: NumpyFileHeader.Element.Kind) -> [Int] {
    switch kind {
    case .boolean: [1]
    case .signed, .unsigned: [1, 2, 4, 8]
    case .float: [2, 4, 8]
    }
  }

  private mutating func boolean() throws(TensorFileError) -> Bool {
    skipSpace()
    for (word, value) in [("True", true), ("False", false)]
    where text[position...].starts(with: word.utf8) {
      position += word.utf8.count
      return value
    }
    throw complaint("fortran_order is neither True nor False")
  }

  /// The sizes, as `()`, `(3,)` or `(3, 4)`.
  private mutating func tuple() throws(TensorFileError) -> [Int] {
    try expect("(")
    var sizes: [Int] = []
    while !take(")") {
      guard sizes.count < NumpyFileHeader.rankMax else {
        throw complaint("more than \(NumpyFileHeader.rankMax) axes")
      }
      sizes.append(try wholeNumber())
      if !take(",") {
        try expect(")")
        break
      }
    }
    return sizes
  }

  private mutating func wholeNumber() throws(TensorFileError) -> Int {
    skipSpace()
    let start = position
    while position < text.count, (0x30...0x39).contains(text[position]) { position += 1 }
    guard let number = Int(String(decoding: text[start..<position], as: UTF8.self)) else {
      throw complaint("a size is no whole number from 0", at: start)
    }
    // Python 2 wrote long integers so.
    if position < text.count, text[position] == UInt8(ascii: "L") { position += 1 }
    return number
  }

  /// A string in single or double quotes, without escapes.
  private mutating func string() throws(TensorFileError) -> String {
    skipSpace()
    guard position < text.count, [0x22, 0x27].contains(text[position]) else {
      throw complaint("a string is missing")
    }
    let start = position + 1
    guard
      let end = text[start...].prefix(Self.nameLengthMax + 1).firstIndex(of: text[position]),
      !text[start..<end].contains(UInt8(ascii: "\\"))
    else {
      throw complaint("a string does not end or has escapes")
    }
    position = end + 1
    return String(decoding: text[start..<end], as: UTF8.self)
  }

  // MARK: Letters

  private mutating func skipSpace() {
    while position < text.count, [0x20, 0x09, 0x0A, 0x0D].contains(text[position]) { position += 1 }
  }

  private mutating func peek(_ letter: Unicode.Scalar) -> Bool {
    skipSpace()
    return position < text.count && text[position] == UInt8(ascii: letter)
  }

  private mutating func take(_ letter: Unicode.Scalar) -> Bool {
    guard peek(letter) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ letter: Unicode.Scalar) throws(TensorFileError) {
    guard take(letter) else { throw complaint("'\(letter)' is missing") }
  }

  private func complaint(_ reason: String, at place: Int? = nil) -> TensorFileError {
    TensorFileError(
      path: path, offset: offset + (place ?? position), problem: "the header is wrong: " + reason,
      advice: "the file is damaged or was not written by NumPy")
  }

  private func unsupported(_ contents: String, at place: Int) -> TensorFileError {
    TensorFileError(
      path: path, offset: offset + place,
      problem: "it holds \(contents), only bool, int, uint and float numbers can be read",
      advice: "convert it with astype before it is saved")
  }
}
