import Glibc
import NcursesBackend
import OperatingSystem
import Tensors
import TerminalUI

/// `nntop doctor`: what this place can do, and what follows from it.
enum DoctorCommand {
  static let command = Command(
    name: "doctor", usage: "",
    summary: "what this terminal, locale, processor and BLAS can do, and what nntop chose"
  ) { arguments in
    _ = try arguments.positional(0...0, "nntop doctor")
    for (name, text) in findings {
      Output.line("\(HelpPage.padded(name, 12)) \(SafeText.cleaned(text))")
    }
    return 0
  }

  static var versionLine: String {
    "nntop \(Version.text), \(toolchain), \(ArithmeticLibrary.blasDescription)"
  }

  private static var toolchain: String {
    #if swift(>=6.3)
      "Swift 6.3 or newer"
    #else
      "Swift 6"
    #endif
  }

  private static var findings: [(String, String)] {
    let locale =
      ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { name in
        Environment.value(name).flatMap { $0.isEmpty ? nil : "\(name)=\($0)" }
      }.first ?? "not set, which means C"
    let term = Environment.value("TERM") ?? "not set"
    let noColor = Environment.value("NO_COLOR").map { !$0.isEmpty } ?? false
    return [
      ("version", versionLine),
      ("terminal", terminalText(term)),
      ("colours", noColor ? "none: NO_COLOR is set" : colorText(term)),
      ("locale", locale),
      ("characters", glyphText(LocaleGlyphs.glyphs)),
      ("processors", "\(Environment.processorCount) usable; an engine takes at most that many"),
      ("kernels", "\(ArithmeticLibrary.kernelLevel), chosen from what this processor has"),
      (
        "BLAS",
        "\(ArithmeticLibrary.blasDescription); one thread, nntop divides the work itself"
      ),
      ("watching", watchingText),
      ("settings", settingsText),
      ("gzip", programText("gzip", needed: "gzipped IDX files cannot be read")),
    ]
  }

  private static var settingsText: String {
    guard let directory = UserDirectories.configuration else { return "no home directory" }
    let settings = UserSettings.load()
    let path = Path.join(directory, "config.json")
    let found = LocalFileSystem().exists(path) ? path : "no \(path)"
    let themes = "\(settings.themes.count) themes"
    return ([found, themes] + settings.problems).joined(separator: "; ")
  }

  private static func terminalText(_ term: String) -> String {
    guard isatty(1) != 0 else {
      return "standard output is none: one frame or plain lines are printed (TERM=\(term))"
    }
    guard isatty(0) != 0 else {
      return "standard input is none, so nothing can be typed (TERM=\(term))"
    }
    let size = TerminalWindow.size(of: 1).map { "\($0.columns)x\($0.rows)" } ?? "unknown size"
    return "TERM=\(term), \(size)"
  }

  private static func colorText(_ term: String) -> String {
    do throws(NcursesFailure) {
      let terminal = try NcursesTerminal()
      let depth = terminal.colorDepth
      let name = terminal.terminalName
      terminal.close()
      return "\(depth) by the description of \(name)"
    } catch {
      return "not known: \(error)"
    }
  }

  private static func glyphText(_ glyphs: GlyphSet) -> String {
    switch glyphs {
    case .braille: "braille, lines and blocks, for the locale is UTF-8"
    case .block: "blocks and lines"
    case .ascii: "ASCII, for the locale is not UTF-8; LANG=C.UTF-8 gives finer curves"
    }
  }

  private static var watchingText: String {
    let watcher = FileWatcher()
    defer { watcher.close() }
    return watcher.descriptor == nil
      ? "inotify gives nothing here: logs are looked at once a second"
      : "inotify, and a look once a second"
  }

  private static func programText(_ program: String, needed: String) -> String {
    do throws(SystemError) {
      let answer = try ChildProcess.run(program, arguments: ["--version"], outputLimit: 4096)
      let line = String(decoding: answer.output, as: UTF8.self).split(separator: "\n").first
      return line.map(String.init) ?? "found"
    } catch { return "missing: \(needed)" }
  }
}
