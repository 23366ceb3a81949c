import OperatingSystem

/// Another program's number for the same work, measured by a Python script.
enum Peer {
  /// What the script prints as its last word; nil when python3 or what the script needs is missing.
  static func number(of script: String, arguments: [String] = []) -> Double? {
    do throws(SystemError) {
      let answer = try ChildProcess.run(
        "python3", arguments: ["-c", script] + arguments, outputLimit: 4096)
      let text = String(decoding: answer.output, as: UTF8.self)
      let last = text.split(whereSeparator: \.isWhitespace).last
      return answer.ending == .exited(0) ? last.flatMap { Double($0) } : nil
    } catch { return nil }
  }
}
