import Glibc
import OperatingSystem

/// A terminal of tmux in which a program runs: keys in, screen out.
final class Screen {
  private let socket: String
  private let tmux: String

  /// Starts a program in a terminal: nntop, unless it is told otherwise.
  init(
    _ place: Workplace, columns: Int = 80, rows: Int = 24, environment: [String: String?] = [:],
    program: String = Program.path, _ arguments: String...
  ) throws {
    guard let tmux = Tool.tmux else { throw Overdue(description: "tmux is not installed") }
    self.tmux = tmux
    let number = Int.random(in: 0..<1_000_000)
    socket = place.pathBeside("tmux-\(number)")
    let configuration = try place.writeBeside(
      """
      set -g status off
      set -g default-terminal tmux-256color
      set -g escape-time 0
      set -g history-limit 100
      """, to: "tmux-\(number).conf")
    // What stands on the screen afterwards tells how the program left and how it left the terminal.
    let script = #""$@"; echo "left with status $?"; stty -a; exec sleep 1000000"#
    try ask(
      [
        "-f", configuration, "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", "-c",
        place.path, "sh", "-c", script, "sh", "env", "-i",
      ] + place.environment(Self.inTmux(environment)) + [program] + arguments)
  }

  private static func inTmux(_ changes: [String: String?]) -> [String: String?] {
    changes.merging(["TERM": "tmux-256color"]) { given, _ in given }
  }

  deinit {
    do { try ask("kill-server") } catch {}  // it may have ended by itself
  }

  @discardableResult
  private func ask(_ arguments: String...) throws -> String {
    try ask(arguments)
  }

  @discardableResult
  private func ask(_ arguments: [String]) throws -> String {
    let outputMax = 1 << 24
    let result = try ChildProcess.run(
      tmux, arguments: ["-u", "-S", socket] + arguments, outputLimit: outputMax)
    guard result.ending == .exited(0) else {
      throw Overdue(description: "tmux \(arguments): \(result.errorText)")
    }
    return String(decoding: result.output, as: UTF8.self)
  }

  // MARK: In

  /// Presses keys by tmux's names: "Enter", "Escape", "C-c", "P".
  func press(_ keys: String...) throws {
    try ask(["send-keys"] + keys)
  }

  func type(_ text: String) throws {
    try ask("send-keys", "-l", text)
  }

  func resize(columns: Int, rows: Int) throws {
    try ask("resize-window", "-x", "\(columns)", "-y", "\(rows)")
  }

  /// Takes the terminal away, as a lost line does.
  func hangUp() throws {
    try ask("kill-session")
  }

  // MARK: Out

  /// The screen's lines.
  func text() throws -> String { try ask("capture-pane", "-p") }

  /// The screen with its colours.
  func textWithEscapes() throws -> String { try ask("capture-pane", "-p", "-e") }

  /// Whether the alternate screen, the mouse and the cursor are on.
  func modes() throws -> String {
    try ask("display", "-p", "#{alternate_on} #{mouse_any_flag} #{cursor_flag}")
      .filter { $0 != "\n" }
  }

  /// The window's title.
  func title() throws -> String {
    String(try ask("display", "-p", "#{pane_title}").dropLast())
  }

  static let modesOfDashboard = "1 0 0"
  static let modesOfShell = "0 0 1"

  /// Waits until the screen is as wanted, and returns it.
  @discardableResult
  func wait(
    for what: String, within seconds: Double = Patience.seconds, _ isWanted: (String) -> Bool
  ) async throws -> String {
    try await eventually(what, within: seconds, else: try text()) {
      let text = try text()
      return isWanted(text) ? text : nil
    }
  }

  @discardableResult
  func wait(forText wanted: String...) async throws -> String {
    try await wait(for: "\(wanted) on the screen") { text in
      wanted.allSatisfy { text.contains($0) }
    }
  }
}

/// What a dashboard's text says.
enum ScreenText {
  /// The step in the header: "step 1 240/79 000".
  static func step(_ text: String) -> Int? {
    guard let place = text.firstRange(of: "step ") else { return nil }
    return Int(
      text[place.upperBound...].prefix { $0.isNumber || $0 == " " || $0 == "\u{a0}" }
        .filter { $0.isNumber })
  }

  /// A value in the header: what follows "loss ".
  static func value(_ name: String, _ text: String) -> Double? {
    guard let header = text.split(separator: "\n").dropFirst().first,
      let place = header.firstRange(of: name + " ")
    else { return nil }
    return Double(header[place.upperBound...].prefix { $0 != " " && $0 != "%" })
  }
}
