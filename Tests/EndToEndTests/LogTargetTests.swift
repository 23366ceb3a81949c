import Glibc
import OperatingSystem
import TestSupport
import Testing

extension WithoutTerminal {
  /// Logs of other programs as targets, without a terminal.
  @Suite struct LogTargetTests {
    @Test func everySampleIsListedAndDrawn() async throws {
      try await Workplace.use { place in
        let samples = Repository.path("sample-runs")
        let list = try await place.nntopDoing("ls", samples)
        for name in [
          "glyphs", "keras", "lightning-csv", "text/nanogpt.log", "tensorboardx", "llmc",
        ] {
          #expect(list.contains(name), "\(name)")
        }
        let frame = try await place.nntopDoing(
          "snapshot", samples, "--view", "runs", "--size", "120x60")
        #expect(frame.contains("huggingface"))
      }
    }

    @Test func whatIsNoLogIsSaidInOneLine() async throws {
      try await Workplace.use { place in
        try place.write([0x1f, 0x8b, 8, 0, 0, 0, 0, 0], to: "train.csv.gz")
        try place.write([0, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], to: "strange.bin")
        mkfifo(place.path("fifo"), 0o600)
        for (target, words) in [
          ("train.csv.gz", "gzip -dc 'train.csv.gz' | nntop -"), ("strange.bin", "CSV"),
          ("fifo", "nntop - <"), ("/dev/zero", "nntop - <"),
        ] {
          let answer = try await place.nntop(target, "--once")
          #expect(answer.status == 1 && answer.errorLines.count == 1, "\(target): \(answer)")
          #expect(answer.errorText.contains(words), "\(target): \(answer)")
        }
      }
    }

    @Test func aFormatCanBeForced() async throws {
      try await Workplace.use { place in
        try place.write("step,loss\n1,0.5\n2,0.25\n", to: "numbers")
        let table = try await place.nntopDoing("export", "numbers")
        #expect(table.split(separator: "\n").count == 3)
        let text = try await place.nntopDoing("export", "numbers", "--log-format", "text")
        #expect(text != table)
        let wrong = try await place.nntop("numbers", "--format", "csvv", "--once")
        #expect(wrong.status == 2 && wrong.errorText.contains("csv"), "\(wrong)")
      }
    }

    @Test func standardInputIsReadToItsEnd() async throws {
      try await Workplace.use { place in
        let lines = (1...50).map { "step \($0): loss \(1 / Double($0))\n" }.joined()
        let answer = try await place.nntop("export", "-", input: lines)
        #expect(answer.output.split(separator: "\n").count == 51, "\(answer)")
        let frame = try await place.nntop("-", "--once", input: lines)
        #expect(frame.output.contains("finished") && frame.output.contains("step 50"))
        // The tee passes every byte, whatever it is.
        let bytes = "loss: 1\r\u{1b}[31mloss: 2\n\u{7}\u{0}end"
        let tee = try await place.nntop("-", "--once", "--tee", input: bytes)
        #expect(tee.output.hasPrefix(bytes), "\(tee)")
      }
    }
  }
}

extension InTerminal {
  /// A training's output through a pipe, in a terminal.
  @Suite struct PipeTests {
    private static let training =
      "i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo \"step $i: loss 0.$i\" || exit 1; "
      + "sleep 0.05; [ -e stop ] && break; done; echo over > over"

    @Test func keysComeFromTheTerminalAndTheTrainingOutlivesTheDashboard() async throws {
      try await Workplace.use { place in
        let screen = try Screen(
          place, program: "/bin/sh", "-c", "(\(Self.training)) | \(Program.path) -")
        try await screen.wait(for: "a curve of the pipe") {
          $0.contains("input") && $0.contains("─ loss ─") && ScreenText.step($0) ?? 0 > 3
        }
        try screen.press("5")
        try await screen.wait(for: "its lines in Events") { $0.contains("step 3: loss 0.3") }
        try screen.press("q")
        try await screen.wait(forText: "the training goes on")
        #expect(!LocalFileSystem().exists(place.path("over")))
        try place.write("", to: "stop")
        try await eventually("the end of the training") {
          LocalFileSystem().exists(place.path("over"))
        }
        try await screen.wait(forText: "left with status 0")
      }
    }

    @Test func theTeeWritesTheInputThrough() async throws {
      try await Workplace.use { place in
        let screen = try Screen(
          place, program: "/bin/sh", "-c",
          "(\(Self.training)) | \(Program.path) - --tee > train.log")
        try await screen.wait(for: "a curve of the pipe") { ScreenText.step($0) ?? 0 > 5 }
        try place.write("", to: "stop")
        try await screen.wait(forText: "finished")
        let bytes = try LocalFileSystem().contents(of: place.path("train.log"), limit: 1 << 20)
        let text = String(decoding: bytes, as: UTF8.self)
        let lines = text.split(separator: "\n")
        #expect(
          lines.count > 5
            && lines.enumerated().allSatisfy { $1 == "step \($0 + 1): loss 0.\($0 + 1)" })
        try screen.press("q")
        try await screen.wait(forText: "left with status 0")
      }
    }

    @Test func aLogThatGrowsIsReplacedAndBeginsEmptyIsFollowed() async throws {
      try await Workplace.use { place in
        try place.write("", to: "train.csv")
        let screen = try Screen(place, "train.csv")
        try await screen.wait(forText: "waiting for data")
        try place.append("epoch,loss,val_loss\n0,1.5,1.6\n1,1.25,1.5\n", to: "train.csv")
        try await screen.wait(for: "two rows") { $0.contains("─ loss") && $0.contains("1.25") }
        try place.write("epoch,loss,lr,val_loss\n0,1.5,0.1,1.6\n1,0.75,0.1,1\n", to: "train.csv")
        try await screen.wait(for: "the new file") { $0.contains("─ lr") && $0.contains("0.75") }
      }
    }
  }
}
