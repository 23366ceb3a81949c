import Glibc
import OperatingSystem
import TerminalUI

/// The size of the terminal behind standard output.
enum TerminalSize {
  /// False when there is none.
  static func read(_ rows: inout Int32, _ columns: inout Int32) -> Bool {
    guard let size = TerminalWindow.size(of: 1) else { return false }
    (rows, columns) = (Int32(size.rows), Int32(size.columns))
    return rows > 0 && columns > 0
  }
}

/// Which characters the locale can show, for text that goes to standard output.
enum LocaleGlyphs {
  static var glyphs: GlyphSet {
    let names = ["LC_ALL", "LC_CTYPE", "LANG"]
    let locale = names.lazy.compactMap { Environment.value($0) }.first { !$0.isEmpty } ?? ""
    let text = locale.uppercased()
    return text.contains("UTF-8") || text.contains("UTF8") ? .braille : .ascii
  }
}
