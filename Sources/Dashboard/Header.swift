import LogFormats
import RunModel
import TerminalUI

/// The lines at the top: which run, what it does, how far it is, how it goes.
enum Header {
  static func draw(_ state: DashboardState, into buffer: inout Buffer, area: Rect) {
    guard !area.isEmpty else { return }
    guard let run = state.selected?.run else {
      buffer.write("nntop", row: area.row, column: area.column, style: .title)
      return
    }
    drawIdentity(run, state, into: &buffer, area)
    if area.rows > 1 { drawValues(run, state, into: &buffer, area) }
  }

  /// Below this width the epoch and the program's name make room for the run's.
  private static let columnsForAll = 100

  private static func drawIdentity(
    _ run: Run, _ state: DashboardState, into buffer: inout Buffer, _ area: Rect
  ) {
    let hasRoom = area.columns >= columnsForAll
    let (plainWord, role, symbol) = stateWords(run, state.glyphs, at: state.wallNow)
    let longWord = hasRoom ? quietText(run, state) ?? plainWord : plainWord
    let word = state.selected?.reading.map(readingText) ?? longWord
    var left = StyledText()
    if hasRoom { left.append("nntop ", .dim) }
    if state.runs.count > 1, let index = state.selectedIndex {
      left.append("\(index + 1)/\(state.runs.count) ", .dim)
    }
    let stateText = " \(symbol) \(word) "
    let nameColumnsMin = 8
    let roomForAll = area.columns - left.displayWidth - stateText.count - 1
    let nameColumns = min(nameColumnsMin, SafeText.displayWidth(of: SafeText.cleaned(run.name)))
    let right = progressText(
      run, hasEpoch: hasRoom, columns: roomForAll - nameColumns, at: state.wallNow)
    let room = roomForAll - right.count
    left.append(
      SafeText.truncated(
        SafeText.cleaned(run.name), columns: max(nameColumnsMin, room), glyphs: state.glyphs),
      .title)
    left.append(stateText, Style(role, .bold))
    let used = buffer.write(
      left, row: area.row, column: area.column, maxColumns: area.columns)
    let textColumn = area.endColumn - right.count
    guard textColumn > area.column + used else { return }
    buffer.write(right, row: area.row, column: textColumn, style: .text)
    let gaugeColumns = min(40, textColumn - area.column - used - 1)
    let gaugeColumnsMin = 6
    if gaugeColumns >= gaugeColumnsMin, let final = run.finalStep, final > 0 {
      Gauge(fraction: Double(run.lastStep) / Double(final)).draw(
        into: &buffer, row: area.row, column: textColumn - gaugeColumns - 1,
        width: gaugeColumns, glyphs: state.glyphs)
    }
  }

  /// How much of a long log is read.
  private static func readingText(_ reading: LogBatch.Progress) -> String {
    "reading \(Int(reading.fraction * 100)) %"
  }

  /// "step 1 240/15 800  epoch 15.7  ETA 12s"; what does not fit is left out from the end on.
  static func progressText(
    _ run: Run, hasEpoch: Bool, columns: Int, at wallSeconds: Double = 0
  ) -> String {
    var parts = ["step \(NumberText.grouped(Int(clamping: run.lastStep)))"]
    if let final = run.finalStep {
      parts.append("/\(NumberText.grouped(Int(clamping: final)))")
    }
    if hasEpoch, let perEpoch = run.stepsPerEpoch, perEpoch > 0 {
      let epoch = NumberText.fixed(Double(run.lastStep) / Double(perEpoch), decimals: 1)
      parts.append("  epoch \(epoch)")
    }
    if let seconds = run.remainingSeconds(at: wallSeconds) {
      parts.append("  ETA \(NumberText.duration(seconds))")
    }
    while parts.count > 1, parts.reduce(0, { $0 + $1.count }) > columns { parts.removeLast() }
    return parts.joined()
  }

  private static func drawValues(
    _ run: Run, _ state: DashboardState, into buffer: inout Buffer, _ area: Rect
  ) {
    var values: [(name: String, text: String?)] = [
      ("pruning", pruningText(run, state.glyphs)),
      ("loss", value(run, "train/loss")),
      ("lr", run.learningRate.map { NumberText.significant($0) }),
      ("sparsity", percent(run, "sparsity/total")),
      ("samples/s", value(run, "throughput/samples_per_second", decimals: 0)),
      ("accuracy", percent(run, "val/accuracy")),
      ("val loss", value(run, "val/loss")),
    ]
    // Somebody else's log has names of its own: the first of them, then.
    if values.allSatisfy({ $0.text == nil }) {
      values = state.headline(of: run).tags.map {
        (SafeText.cleaned($0, maxLength: 24), value(run, $0))
      }
    }
    var column = area.column
    for (name, text) in values {
      guard let text else { continue }
      let item = StyledText([.init(name + " ", .dim), .init(text + "  ", .text)])
      guard column + item.displayWidth - 2 <= area.endColumn else { break }
      column += buffer.write(
        item, row: area.row + 1, column: column, maxColumns: area.endColumn - column)
    }
  }

  /// "aofp → 50%" while pruning goes on.
  private static func pruningText(_ run: Run, _ glyphs: GlyphSet) -> String? {
    run.pruning.map { pruning, _ in
      "\(SafeText.cleaned(pruning.method, maxLength: 24)) \(glyphs.arrowRight) "
        + NumberText.percent(pruning.target, decimals: 0)
    }
  }

  private static func value(_ run: Run, _ tag: String, decimals: Int? = nil) -> String? {
    run.series.last(of: tag).map { last in
      decimals.map { NumberText.fixed(Double(last.value), decimals: $0) }
        ?? NumberText.significant(Double(last.value))
    }
  }

  private static func percent(_ run: Run, _ tag: String) -> String? {
    run.series.last(of: tag).map { NumberText.percent(Double($0.value)) }
  }

  /// "quiet since 14:32"; nil while it is not.
  private static func quietText(_ run: Run, _ state: DashboardState) -> String? {
    guard run.state(at: state.wallNow) == .stale, let heard = run.lastHeard else { return nil }
    let minutesOnly = 600.0
    let time = ClockText.of(
      secondsOfLocalTime: heard + Double(state.settings.utcOffsetSeconds),
      span: max(minutesOnly, state.wallNow - heard))
    return "quiet since " + time
  }

  /// - Parameter wallSeconds: the time, since 1970; 0: not known.
  static func stateWords(
    _ run: Run, _ glyphs: GlyphSet, at wallSeconds: Double = 0
  ) -> (word: String, role: Role, symbol: Character) {
    switch run.state(at: wallSeconds) {
    case .waiting: ("waiting for data", .statusWarning, glyphs.hollowBullet)
    case .starting: ("starting", .statusWarning, glyphs.hollowBullet)
    case .training: ("training", .statusGood, glyphs.bullet)
    case .validating: ("validating", .statusGood, glyphs.bullet)
    case .paused: ("paused", .statusWarning, glyphs.pause)
    case .finished: ("finished", .statusGood, glyphs.check)
    case .stopped: ("stopped", .statusWarning, glyphs.cross)
    case .failed: ("failed", .statusBad, glyphs.cross)
    case .dead: ("dead", .statusBad, glyphs.cross)
    case .watched: ("watching", .statusGood, glyphs.bullet)
    case .stale: ("quiet", .statusWarning, glyphs.hollowBullet)
    }
  }
}
