import Glibc
import OperatingSystem
import TerminalUI

/// Standard output and error.
enum Output {
  static let isTerminal = isatty(1) != 0

  static func line(_ text: String) { write(text + "\n", to: 1) }

  /// One line of trouble; what came from outside is made harmless.
  static func error(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    write(lines.map { SafeText.cleaned(String($0)) }.joined(separator: "\n") + "\n", to: 2)
  }

  static func write(_ text: String, to descriptor: Int32 = 1) {
    bytes(Array(text.utf8), to: descriptor)
  }

  /// Writes what may be lost; false when nobody reads it any more.
  static func offer(_ text: String) -> Bool {
    do throws(SystemError) {
      let file = OpenFile(descriptor: 1, path: "standard output")
      try LocalFileSystem().writeAll(Array(text.utf8), to: file)
      return true
    } catch { return false }
  }

  static func bytes(_ bytes: [UInt8], to descriptor: Int32 = 1) {
    let file = OpenFile(descriptor: descriptor, path: "standard output")
    do throws(SystemError) {
      try LocalFileSystem().writeAll(bytes, to: file)
    } catch {
      // A reader that has seen enough, such as head, is no failure; anything else is.
      if descriptor == 1 { exit(error.code == EPIPE ? 0 : 1) }
    }
  }
}
