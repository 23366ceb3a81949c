import Glibc
import OperatingSystem
import Testing

/// A shell on a terminal of its own that runs nntop and tells how it left: every byte is kept, and
/// the terminal's settings before and after.
final class TerminalSession {
  private(set) var bytes: [UInt8] = []
  private let place: Workplace
  private let processIdentifier: Int32
  private let master: Int32
  private var isOver = false

  init(
    _ place: Workplace, columns: Int = 80, rows: Int = 24, environment: [String: String?] = [:],
    _ arguments: String...
  ) throws {
    let script =
      #"ulimit -c 0; cd "$0"; echo "settings before $(stty -g)"; "$@"; s=$?; echo; "#
      + #"echo "left with status $s"; echo "settings after $(stty -g)""#
    let started = try PseudoTerminal.start(
      "sh", arguments: ["-c", script, place.path, Program.path] + arguments,
      environment: place.environment(environment), rows: rows, columns: columns)
    self.place = place
    processIdentifier = started.processIdentifier
    master = started.master
  }

  deinit {
    if master >= 0 { close(master) }
    kill(processIdentifier, SIGKILL)
    waitpid(processIdentifier, nil, 0)
  }

  var text: String { String(decoding: bytes, as: UTF8.self) }

  func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(master, bytes, bytes.count)
  }

  /// The dashboard's process.
  func dashboard() async throws -> Int32 {
    try await eventually("the dashboard's process", else: text) {
      drain()
      return try place.processes.dashboards.first?.identifier
    }
  }

  /// Waits until some words have been sent after the first `start` bytes.
  func wait(forBytes words: String..., after start: Int = 0) async throws {
    try await eventually("\(words) on the terminal", else: text) {
      drain()
      let text = String(decoding: bytes[min(start, bytes.count)...], as: UTF8.self)
      return words.allSatisfy { text.contains($0) }
    }
  }

  /// Waits for the shell's end and returns the status that nntop left with.
  func status() async throws -> Int32? {
    try await eventually("the end of the program", else: text) {
      drain()
      return isOver
    }
    return word(after: "left with status ").flatMap { Int32($0) }
  }

  /// Whether the settings of the terminal are what they were, and nothing that was switched on is
  /// still on.
  func expectAsFound(_ comment: Comment) {
    #expect(word(after: "settings before ") != nil, comment)
    #expect(word(after: "settings before ") == word(after: "settings after "), comment)
    let modes = TerminalModes(after: bytes)
    #expect(modes.changed.isEmpty && modes.titles == 0 && !modes.isStyled, "\(comment) \(modes)")
  }

  private func word(after words: String) -> String? {
    guard let place = text.range(ofLast: words) else { return nil }
    return String(text[place...].prefix { !$0.isNewline })
  }

  private func drain() {
    let chunk = 1 << 16
    var piece = [UInt8](repeating: 0, count: chunk)
    while !isOver, !Readiness.wait(for: [master], timeoutSeconds: 0).isEmpty {
      let count = read(master, &piece, chunk)
      if count <= 0 { isOver = true } else { bytes += piece[..<count] }
    }
  }
}

extension String {
  /// Where the last occurrence of some text ends.
  fileprivate func range(ofLast words: String) -> Index? {
    ranges(of: words).last?.upperBound
  }
}

/// What is switched on in a terminal after some bytes.
struct TerminalModes {
  /// The numbers of the private modes that are not as in a fresh terminal.
  var changed: Set<Int> = []
  /// Titles that were laid aside and not taken back.
  var titles = 0
  /// Whether characters are coloured or emphasised.
  var isStyled = false
  /// Whether any were coloured on the way.
  var hasSeenColor = false

  private static let onAtFirst: Set<Int> = [7, 25]
  // The blinking of the cursor, which nothing shows while there is none.
  private static let ignored: Set<Int> = [12, 1034]

  init(after bytes: [UInt8]) {
    for piece in String(decoding: bytes, as: UTF8.self).components(startingWith: "\u{1B}[") {
      guard let end = piece.unicodeScalars.firstIndex(where: { (0x40...0x7E) ~= $0.value })
      else { continue }
      read(String(piece[..<end]), piece[end])
    }
  }

  private mutating func read(_ parameters: String, _ final: Character) {
    switch final {
    case "h", "l":
      guard parameters.hasPrefix("?") else { return }
      for number in parameters.dropFirst().split(separator: ";").compactMap({ Int($0) })
      where !Self.ignored.contains(number) {
        if (final == "h") == Self.onAtFirst.contains(number) {
          changed.remove(number)
        } else {
          changed.insert(number)
        }
      }
    case "m": style(parameters)
    case "t":
      if parameters.hasPrefix("22;0") { titles += 1 }
      if parameters.hasPrefix("23;0") { titles -= 1 }
    default: break
    }
  }

  private mutating func style(_ parameters: String) {
    let numbers = parameters.split { $0 == ";" || $0 == ":" }.compactMap { Int($0) }
    let ends: Set<Int> = [0, 10, 39, 49]
    isStyled = !ends.isSuperset(of: numbers)
    if let first = numbers.first, [3, 4, 9, 10].contains(first / 10), !ends.contains(first) {
      hasSeenColor = true
    }
  }
}

extension String {
  /// What follows each occurrence of a text, up to the next one.
  fileprivate func components(startingWith start: String) -> [Substring] {
    let starts = ranges(of: start)
    return starts.indices.map { index in
      let end = index + 1 < starts.count ? starts[index + 1].lowerBound : endIndex
      return self[starts[index].upperBound..<end]
    }
  }
}
