import Dashboard
import Glibc
import LogFormats
import OperatingSystem
import RunLog
import TerminalUI

/// The table of candidates with as many rows as NASBench-101 has cells, made up here: what a key
/// costs until the frame is drawn, and the memory of all of it.
struct CandidatesBench {
  private static let count = 423_624
  private static let blockCount = 8192
  private let clock = SystemClock()

  func run() throws -> [BenchResult] {
    var screen = Screen()
    let reading = seconds { Self.fill(&screen) }
    let first = seconds { screen.press(.character("3")) }
    var sorting: [Double] = []
    // By every column once, and back to the natural order.
    for _ in 0...Self.columnCount {
      sorting.append(seconds { screen.press(.character(".")) })
    }
    let reversing = seconds { screen.press(.character("I")) }
    screen.press(.character("I"))
    let comparing = seconds {
      screen.filter("validation_accuracy>0.9 and parameters<1e7")
    }
    screen.press(.escape)
    let searching = seconds { screen.filter("conv1x1 maxpool") }
    screen.press(.escape)
    let moves: [Key] = [.pageDown, .down, .end, .pageUp, .up, .home]
    let scrolling = (0..<200).map { index in
      seconds { screen.press(moves[index % moves.count]) }
    }
    let memory = try ProcessUsage.of(getpid()).residentBytes
    return [
      BenchResult("423,624 candidates: taken up in blocks", reading * 1e3, "ms"),
      BenchResult("  first frame of their table, ranks and Pareto front", first * 1e3, "ms"),
      BenchResult(
        "  sort by a column and draw, slowest of \(sorting.count)", (sorting.max() ?? 0) * 1e3,
        "ms", .atMost(300)),
      BenchResult("  reverse", reversing * 1e3, "ms", .atMost(300)),
      BenchResult("  filter by two columns", comparing * 1e3, "ms", .atMost(150)),
      BenchResult("  filter by two words", searching * 1e3, "ms", .atMost(150)),
      BenchResult(
        "  a key that moves, slowest of \(scrolling.count)", (scrolling.max() ?? 0) * 1e3, "ms"),
      BenchResult("  memory of this process", Double(memory) / 1e6, "MB", .atMost(400)),
    ]
  }

  private func seconds(_ work: () -> Void) -> Double {
    let start = clock.monotonicSeconds()
    work()
    return clock.monotonicSeconds() - start
  }

  /// A dashboard without a terminal.
  private struct Screen {
    private var state = DashboardState(size: Size(rows: 60, columns: 200), glyphs: .braille)
    private static let path = "runs/search"

    init() {
      let found = RunFinder.Found(path: Self.path, name: "search") { Nothing() }
      send(.runsFound([(found: found, access: .steerable)]))
    }

    private struct Nothing: LogReader {
      mutating func read() -> LogBatch { LogBatch() }
    }

    private mutating func send(_ message: Message) {
      _ = update(&state, message, at: 1)
    }

    private mutating func draw() {
      send(.frame)
      _ = render(state)
    }

    mutating func take(_ block: CandidateBlock) {
      var batch = LogBatch()
      batch.events = [.candidates(block)]
      send(.log(path: Self.path, batch))
    }

    mutating func press(_ key: Key) {
      send(.input(.key(key)))
      draw()
    }

    mutating func filter(_ text: String) {
      send(.input(.key(.character("/"))))
      send(.input(.paste(text)))
      send(.input(.key(.enter)))
      draw()
    }
  }

  // MARK: Made-up candidates

  private static let columnCount = 14
  private static let operations = ["conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3"]

  private static func fill(_ screen: inout Screen) {
    var start = 0
    while start < count {
      let end = min(count, start + blockCount)
      screen.take(block(start..<end))
      start = end
    }
  }

  private static func block(_ rows: Range<Int>) -> CandidateBlock {
    var ids = PackedTexts()
    var words = Array(repeating: PackedTexts(), count: 3)
    var numbers = Array(repeating: [Double](), count: 5)
    for row in rows {
      let (one, other) = (mixed(UInt64(row)), mixed(UInt64(row) &+ 0x1234_5678))
      ids.append(hexadecimal(one) + hexadecimal(other))
      let chosen = (0..<5).map { operations[Int(other >> (2 * $0) % 3)] }
      words[0].append("\(String(one >> 43, radix: 16)): " + chosen.joined(separator: " "))
      words[1].append(String((one >> 43) | 1 << 48, radix: 2))
      words[2].append("input," + chosen.joined(separator: ",") + ",output")
      let share = Double(one >> 11) / Double(1 << 53 as UInt64)
      numbers[0].append(227_274 + (share * 1e9).rounded().truncatingRemainder(dividingBy: 49.7e6))
      for place in 1...3 { numbers[place].append(0.95 - share * Double(place) / 20) }
      numbers[4].append(1000 + 3000 * share)
    }
    func column(_ name: String, _ values: CandidateBlock.Values) -> CandidateBlock.Column {
      .init(name: name, values: values)
    }
    return CandidateBlock(
      ids: ids,
      columns: [
        column("architecture", .words(words[0])), column("adjacency", .words(words[1])),
        column("operations", .words(words[2])), column("parameters", .numbers(numbers[0])),
        column("validation_accuracy", .numbers(numbers[1])),
        column("test_accuracy", .numbers(numbers[2])),
        column("train_accuracy", .numbers(numbers[3])),
        column("training_time", .numbers(numbers[4])),
        column("epochs", .numbers(rows.map { _ in 108 })),
      ])
  }

  /// SplitMix64's output function.
  private static func mixed(_ number: UInt64) -> UInt64 {
    var bits = number &* 0x9e37_79b9_7f4a_7c15
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return bits ^ (bits >> 31)
  }

  private static func hexadecimal(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
