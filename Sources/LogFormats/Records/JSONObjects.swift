import JSONText

/// The JSON objects that stand in a line one behind the other; usually one.
struct JSONObjects {
  private(set) var objects: [[JSONNode.Member]] = []
  /// Whether an object has a name twice; its last value counts.
  private(set) var hasDuplicates = false
  /// What is wrong with the line.
  private(set) var trouble: String?

  private static let strict = JSONReader(options: .init(allowsNonFinite: true))
  private static let lenient = JSONReader(options: .record)

  init(_ line: UnsafeRawBufferPointer) {
    guard line.first == UInt8(ascii: "{") else {
      trouble = "it is no JSON object"
      return
    }
    do throws(JSONError) {
      append(try Self.strict.read(line))
    } catch {
      readLeniently(line)
    }
  }

  private mutating func readLeniently(_ line: UnsafeRawBufferPointer) {
    do throws(JSONError) {
      append(try Self.lenient.read(line))
      hasDuplicates = true
    } catch {
      trouble = error.reason
      readEach(line)
    }
  }

  /// Reads objects between which the line break is missing.
  private mutating func readEach(_ line: UnsafeRawBufferPointer) {
    let parts = Self.parts(of: line)
    guard parts.count > 1 else { return }
    trouble = nil
    for part in parts {
      do throws(JSONError) {
        append(try Self.lenient.read(UnsafeRawBufferPointer(rebasing: line[part])))
      } catch {
        trouble = error.reason
      }
    }
  }

  private mutating func append(_ node: JSONNode) {
    if let members = node.members { objects.append(members) }
  }

  /// Where the outermost braces open and close; what stands between those is a part as well, which
  /// will be no JSON.
  private static func parts(of line: UnsafeRawBufferPointer) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var (start, depth, isInString, isEscaped) = (0, 0, false, false)
    for (index, byte) in line.enumerated() {
      if isEscaped {
        isEscaped = false
        continue
      }
      switch byte {
      case UInt8(ascii: "\\"): isEscaped = isInString
      case UInt8(ascii: "\""): isInString.toggle()
      case UInt8(ascii: "{") where !isInString: depth += 1
      case UInt8(ascii: "}") where !isInString:
        depth -= 1
        if depth <= 0 {
          parts.append(start..<index + 1)
          (start, depth) = (index + 1, 0)
        }
      default: break
      }
    }
    if start < line.count { parts.append(start..<line.count) }
    return parts
  }
}
