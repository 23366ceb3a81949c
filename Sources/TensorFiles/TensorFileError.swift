import OperatingSystem

/// Why a file of arrays cannot be read or written: one line that names the file, what is wrong,
/// where, and what to do.
public struct TensorFileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file's name as it was given.
  public let path: String
  /// Where in the file the trouble is, in bytes from its beginning; nil when it is the whole file.
  public let offset: Int?
  /// What is wrong, without a full stop.
  public let problem: String
  /// What to do about it; may be empty.
  public let advice: String

  public init(path: String, offset: Int? = nil, problem: String, advice: String = "") {
    self.path = path
    self.offset = offset
    self.problem = problem
    self.advice = advice
  }

  /// A call to the operating system that failed.
  init(path: String, _ error: SystemError) {
    let advice =
      if error.isMissing {
        "check the name"
      } else if error.isDiskFull {
        "make room and try again"
      } else if error.isReadOnly {
        "check the permissions"
      } else {
        ""
      }
    self.init(
      path: path, problem: "cannot \(error.operation) it: \(error.reason)", advice: advice)
  }

  /// "images.idx: 10000 images of 28×28 need 7 840 016 bytes, the file has 7 000 000: copy it
  /// again".
  public var description: String {
    let place = offset.map { ", byte \(grouped($0))" } ?? ""
    return shown(path) + place + ": " + problem + (advice.isEmpty ? "" : ": " + advice)
  }
}

/// A number with its digits in groups of three: "7 840 016".
func grouped(_ number: Int) -> String {
  let digits = String(number.magnitude)
  var text = number < 0 ? "-" : ""
  for (index, digit) in digits.enumerated() {
    if index > 0, (digits.utf8.count - index) % 3 == 0 { text.append(" ") }
    text.append(digit)
  }
  return text
}

/// Sizes as people write them: "28×28".
func times(_ shape: [Int]) -> String {
  shape.map(String.init).joined(separator: "×")
}

/// A name from a file for a message: shortened, and without what a terminal would obey.
func shown(_ text: String) -> String {
  let scalarsMax = 200
  var result = ""
  for (index, scalar) in text.unicodeScalars.enumerated() {
    guard index < scalarsMax else { return result + "…" }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator:
      result.append("\u{FFFD}")
    default:
      result.unicodeScalars.append(scalar)
    }
  }
  return result
}
