import OperatingSystem
import RunLog
import TestSupport
import Testing

@testable import LogFormats

/// Which text is a log, and what hostile text costs.
struct TextLogTests {
  private func isLog(_ text: String, name: String = "train.log", isNamed: Bool = false) -> Bool {
    let head = LogHead(name: name, bytes: Array(text.utf8), isWhole: true, isNamed: isNamed)
    guard case .stream(let recognizes, _) = LogFormat.text.kind else { return false }
    return recognizes(head)
  }

  @Test func whatSomebodyNamesIsReadWhateverItSays() {
    #expect(isLog("hello\n", isNamed: true))
    #expect(!isLog("a\u{0}b\n", isNamed: true))
    #expect(LogFormat.all.last?.name == "text")
  }

  @Test func whatNobodyNamesHasToShowACurve() {
    #expect(isLog("step 1 loss 2\nstep 2 loss 1\n"))
    #expect(!isLog("hello\nworld\n"))
    #expect(!isLog("accuracy: 95.3\nloss: 0.1\n", name: "README.txt"))
    #expect(!isLog("numpy==1.26.4\ntorch==2.1.0\n", name: "requirements.txt"))
    #expect(!isLog("{\n  \"lr\": 0.1,\n  \"lr\": 0.2\n}\n", name: "config.json"))
  }

  @Test func aLogIsFollowedAsItGrows() throws {
    let home = try TemporaryDirectory()
    let start = "step 1/3 loss 2.0\n\r 10%|█ | 1/10 [00:01<00:09, 1it/s]"
    try home.write(Array(start.utf8), to: "train.log")
    var log = try LogFormat.text.open(home.path("train.log"))
    #expect(log.read().pointLines == ["loss 1 2.0"])
    try home.write(Array((start + "\r20%\nstep 2/3 loss 1.0\n").utf8), to: "train.log")
    #expect(log.read().pointLines == ["loss 2 1.0"])
    #expect(log.restarts == 0)
    #expect(log.events.contains(.expected(finalStep: 3)))
  }

  /// Lines that are made to be slow, or to fill the memory.
  @Test(arguments: [
    "a", "\r", "\u{8}", "\u{1b}", "\u{1b}[", "\u{1b}]", "1 ", "1%|", "[0:00<", "[", "{", "{'a':",
    "a=1 ",
    "nan ", "1/1 ", "1,111", "1", "- ", "a:", "a(", "{'", "|", "0x", "[1 day", "2024-01-01 ",
    "1 1   ",
    "loss 1 (", "epoch ", "--5 ", "loss 1e999 ",
  ])
  func hostileTextCostsTimeInProportion(part: String) {
    let size = 1 << 21
    let bytes = Array(String(repeating: part, count: size / part.utf8.count).utf8)
    var drive = ParserDrive(TextParser())
    let clock = ContinuousClock()
    let duration = clock.measure {
      for start in stride(from: 0, to: bytes.count, by: 1 << 18) {
        drive.take(Array(bytes[start..<min(start + 1 << 18, bytes.count)]))
        #expect(drive.restCount <= TextSegments.sizeMax + TextEscape.sizeMax)
      }
      drive.take([], isEnd: true)
    }
    #expect(duration < .seconds(5), "\(part) took \(duration)")
  }

  /// Names that never come again do not fill the memory, and leave room for those that do.
  @Test func newNamesWithoutEndLeaveRoom() {
    var text = ""
    for number in 0..<(TextKeys.keysMax + 5000) { text += "word\(number) \(number)\n" }
    let drive = ParserDrive.whole(TextParser(), text + "step 1 loss 0.5\nstep 2 loss 0.25\n")
    #expect(drive.lines == ["loss 1 0.5", "loss 2 0.25"])
  }

  @Test func longNamesAndManyNumbersAreLeftOut() {
    let name = String(repeating: "x", count: 10_000)
    #expect(ParserDrive.whole(TextParser(), "\(name)_loss=1 loss=2\n").lines == ["loss 1 2.0"])
    let many = (0..<12_000).map { "l\($0)=\($0)" }.joined(separator: " ")
    let count = ParserDrive.whole(TextParser(), "loss=1 \(many)\n").points.count
    #expect(count > 5000 && count <= TextReading.valuesMax)
  }

  @Test func randomBytesAreSafe() {
    var random = SeededGenerator(seed: 1)
    for round in 0..<300 {
      let mask: UInt8 = round % 2 == 0 ? 0xff : 0x7f
      let bytes = (0..<2000).map { _ in UInt8.random(in: 0...255, using: &random) & mask }
      _ = ParserDrive.whole(TextParser(), bytes)
    }
  }
}

/// What the fuzzer found.
struct TextFuzzTests {
  @Test func aSignBehindAnAtIsPassedOver() {
    for line in ["loss@-5\n", "acc@-.5 loss: 1\n", "@+5@-5@--5\n"] {
      var parser = TextParser()
      var events: [RunEvent] = []
      let bytes = Array(line.utf8)
      let used = bytes.withUnsafeBytes {
        parser.take(LogPiece($0, wallTime: 1, isEnd: true), into: &events)
      }
      #expect(used == bytes.count, "\(line)")
    }
  }
}
