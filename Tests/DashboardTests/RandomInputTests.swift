import LogFormats
import RunLog
import TerminalUI
import TestSupport
import Testing

@testable import Dashboard

/// Somebody who presses anything, a window that is dragged about, logs that say anything.
private struct Chaos {
  private(set) var desk = Desk()
  private var random: SeededGenerator
  private var unanswered: [(id: String, request: ControlCommand.Request, path: String)] = []

  private static let paths = ["runs/a", "runs/b", "runs/c", "runs/" + Samples.shortHostile]
  private static let keys: [Key] = {
    var keys = Keymap.standardSections.flatMap { $0.bindings.flatMap(\.keys) }
    keys += "0123456789.x%-e nyü日\u{1B}".map { Key.character($0) }
    keys += [.delete, .backspace, .control("u"), .control("w"), .control("a"), .function(12)]
    return keys
  }()
  private static let tags = [
    "train/loss", "val/loss", "optimizer/learning_rate", "sparsity/total", "time/x", "x",
    Samples.shortHostile, "throughput/samples_per_second", "val/accuracy",
  ]
  private static let steps: [Int64] = [.min, -1, 0, 1, 2, 5, 100, 1_000_000, .max - 1, .max]

  private mutating func pick<Element>(_ all: [Element], or other: Element) -> Element {
    all.randomElement(using: &random) ?? other
  }

  private mutating func step() -> Int64 {
    Int.random(in: 0..<6, using: &random) == 0
      ? pick(Self.steps, or: 0) : .random(in: 0...2000, using: &random)
  }

  private mutating func number() -> Float {
    let usual = Float.random(in: -9...9, using: &random)
    return pick([.nan, .infinity, 0, -1e-30, 3e38, usual, usual, usual], or: 0)
  }

  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
  }

  mutating func act() {
    desk.now += Double.random(in: 0...2, using: &random)
    switch Int.random(in: 0..<20, using: &random) {
    case 0..<11: press(pick(Self.keys, or: .escape))
    case 11: resize()
    case 12..<16: log()
    case 16: answer()
    case 17:
      let isReadOnly = Int.random(in: 0..<4, using: &random) == 0
      desk.find(
        pick(Self.paths, or: ""), access: isReadOnly ? .readOnly(reason: "no") : .steerable,
        name: pick(["a", Samples.shortHostile], or: ""))
    case 18:
      guard Int.random(in: 0..<4, using: &random) == 0 else { return }
      desk.send(.runGone(path: pick(Self.paths, or: "")))
    default: rarely()
    }
  }

  private mutating func press(_ key: Key) {
    for effect in desk.press(key) {
      if case .readRegion(let request) = effect { read(request) }
      guard case .send(let id, let request, let path) = effect else { continue }
      if Int.random(in: 0..<8, using: &random) == 0 {
        desk.send(.notSent(problem: Samples.shortHostile))
      } else {
        desk.deliver([effect])
        unanswered.append((id, request, path))
      }
    }
  }

  private mutating func read(_ request: WeightRegion.Request) {
    guard Bool.random(using: &random) else {
      desk.send(.noRegion(request, problem: Samples.shortHostile))
      return
    }
    let count = request.gridRows * request.gridColumns
    let values = (0..<count).map { _ in number() }
    desk.send(
      .region(
        request,
        WeightRegion(
          rows: request.rows, columns: request.columns,
          rowCount: .random(in: 1...999, using: &random),
          columnCount: .random(in: 1...999, using: &random), gridRows: request.gridRows,
          gridColumns: request.gridColumns, densities: values, magnitudes: values,
          values: values.map { $0 > 0 ? $0 : nil })))
  }

  private mutating func pruningEvent() -> JournalRecord.Entry {
    let size = JournalRecord.NetworkSize(parameters: step(), flops: step(), bytes: step())
    return switch Int.random(in: 0..<4, using: &random) {
    case 0:
      .prune(
        .init(
          method: Samples.shortHostile, scope: "global", before: Double(number()),
          after: Double(number()), sizeBefore: size, size: size))
    case 1:
      .pruning(
        .init(
          method: pick(["aofp", Samples.shortHostile], or: ""), target: Double(number()),
          scope: Samples.shortHostile, isOver: Bool.random(using: &random), finalStep: step()))
    case 2:
      .round(
        .init(
          method: "aofp", number: step(), last: step(), sparsity: Double(number()),
          loss: Double(number()), accuracy: Double(number()), epochs: Double(number())))
    default: .undo(.init(command: "prune", restoredStep: step(), finalStep: step()))
    }
  }

  private mutating func resize() {
    let size = Size(
      rows: .random(in: 0...70, using: &random), columns: .random(in: 0...250, using: &random))
    desk.send(.resized(size))
  }

  private mutating func answer() {
    guard !unanswered.isEmpty else { return }
    let (id, request, path) = unanswered.remove(
      at: .random(in: 0..<unanswered.count, using: &random))
    let layers = (0..<Int.random(in: 0...40, using: &random)).map { _ in
      JournalRecord.LayerChange(
        name: pick(["layer", Samples.shortHostile], or: ""), before: Double(number()),
        after: Double(number()), parameters: step(), flops: step(), channelsBefore: step(),
        channelsAfter: step(), threshold: Double(number()))
    }
    let statuses: [JournalRecord.Answer.Status] = [.applied, .refused, .previewed]
    let status = pick(statuses, or: .applied)
    desk.log(
      [
        Samples.answer(
          id, request, at: step(), status: status,
          reason: pick([nil, Samples.shortHostile], or: nil),
          old: Double(number()), new: Double(number()), layers: layers)
      ], path: path)
  }

  private mutating func log() {
    let events = (0..<Int.random(in: 0...30, using: &random)).map { _ in event() }
    desk.log(
      events, path: pick(Self.paths, or: ""),
      isRestart: Int.random(in: 0..<30, using: &random) == 0)
  }

  private mutating func event() -> RunEvent {
    switch Int.random(in: 0..<20, using: &random) {
    case 14: .text(tag: Samples.shortHostile, step: step(), wallTime: Double(number()), "a line")
    case 15: .hyperparameters([.init(name: "lr", value: .number(Double(number())))])
    case 16:
      .grid(
        tag: pick(["density/a", "density/layer1"], or: ""), step: step(), wallTime: 1,
        Grid(rows: 2, columns: 1, values: [number(), number()]))
    case 17:
      Samples.journal(
        step(),
        .other(
          kind: "candidate",
          ["id": .integer(step()), "accuracy": .number(Double(number())), "parameters": "x"]))
    case 18: Samples.journal(step(), .branch(name: Samples.shortHostile, path: "runs/a"))
    case 19: .origin(host: Samples.shortHostile)
    case 0: .manifest(pick([Samples.manifest, Samples.pruningManifest], or: Samples.manifest))
    case 9, 10: Samples.journal(step(), pruningEvent())
    case 1: .liveness(pick([Liveness.alive, .alive, .alive, .dead, .unknown], or: .alive))
    case 2:
      Samples.journal(
        step(),
        .phase(
          .init(
            pick(JournalRecord.Phase.Name.allCases, or: .training),
            reason: Samples.shortHostile, finalStep: step(), stepsPerEpoch: step())))
    case 3: Samples.journal(step(), .alert(Samples.shortHostile))
    case 4: Samples.journal(step(), .checkpoint(name: "c"))
    case 5:
      .trouble(.unreadable(file: Samples.shortHostile, offset: 7, reason: Samples.shortHostile))
    case 6: .engineOutput([Samples.shortHostile, "", "x"])
    case 7: .sessionStarted(step: step(), wallTime: Double(number()))
    default:
      .scalar(
        ScalarPoint(
          tag: pick(Self.tags, or: ""), step: step(), wallTime: Double(number()),
          value: number()))
    }
  }

  private mutating func mouse() {
    desk.state.hasMouse = true
    let kinds: [MouseEvent.Kind] = [.press, .release, .drag, .wheelUp, .wheelDown]
    for kind in [.press, pick(kinds, or: .press)] as [MouseEvent.Kind] {
      let event = MouseEvent(
        row: .random(in: -1...70, using: &random), column: .random(in: -1...250, using: &random),
        kind: kind)
      for effect in desk.send(.input(.mouse(event))) { desk.deliver([effect]) }
    }
  }

  private mutating func memory() -> RememberedView {
    var view = RememberedView()
    view.view = pick(DashboardState.viewNames + ["", "nothing"], or: "")
    view.axis = pick(["step", "epoch", "wall", "x"], or: "")
    view.smoothing = number()
    let (one, two) = (Double(step()), Double(step()))
    if one < two { view.window = one...two }
    view.marked = [pick(Self.paths, or: "")]
    view.filters = [view.view: pick(["loss<1", "/(/", "x"], or: "")]
    view.dividers = [view.view: Double(number())]
    return view
  }

  private mutating func rarely() {
    switch Int.random(in: 0..<9, using: &random) {
    case 3: desk.send(.input(.paste("loss<1 and \u{1B}[31m")))
    case 4: desk.send(.remembered(memory()))
    case 5, 6: mouse()
    case 7: desk.send(.frame)
    case 0: desk.send(.started(path: pick(Self.paths, or: "")))
    case 1: desk.send(.notStarted(problem: Samples.shortHostile))
    case 2: desk.send(.input(.mouse(MouseEvent(row: -1, column: 9999, kind: .press))))
    default: desk.send(.tick)
    }
  }
}

struct RandomInputTests {
  @Test(arguments: 0..<3 as Range<UInt64>)
  func nothingTrapsAndTheStateStaysValid(seed: UInt64) {
    var chaos = Chaos(seed: seed)
    let (roundsMax, roundsPerFrame) = (2000, 10)
    for round in 0..<roundsMax {
      chaos.act()
      expectValid(chaos.desk.state, round)
      if round % roundsPerFrame == 0 { expectDrawn(chaos.desk.state, round) }
    }
  }

  private func expectValid(_ state: DashboardState, _ round: Int) {
    func require(_ holds: Bool, _ law: String) {
      if !holds { Issue.record("\(law), round \(round)") }
    }
    let paths = state.runs.map(\.run.path)
    require(paths == paths.sorted() && Set(paths).count == paths.count, "runs are in order")
    require(state.curves.smoothing >= 0 && state.curves.smoothing < 1, "smoothing is a weight")
    require(DashboardState.viewNames.contains(state.view), "the view is one of the list")
    require(state.curves.cursor?.isFinite ?? true, "the cursor is a place")
    if let window = state.curves.window {
      require(
        window.lowerBound < window.upperBound && window.upperBound.isFinite, "a window has a width")
    }
    require(state.marked.allSatisfy { state.runColors[$0] != nil }, "marked runs have colours")
    require(state.runs.isEmpty || state.selectedPath != nil, "a run is shown where there is one")
    require(
      state.pending.allSatisfy { paths.contains($0.runPath) }, "commands belong to runs")
    require(
      state.toasts.allSatisfy { toast in
        toast.until != nil || state.pending.contains { $0.id == toast.commandID }
      }, "a toast goes in time, or with its command")
    require(state.toasts.count <= state.pending.count + 3, "toasts are few")
    require(state.toasts.allSatisfy { $0.until.map { $0 > state.now } ?? true }, "toasts go")
  }

  private func expectDrawn(_ state: DashboardState, _ round: Int) {
    let buffer = render(state)
    if buffer.size != state.size { Issue.record("\(buffer.size), round \(round)") }
    let harmful = HostileTextTests.harmful(buffer)
    if !harmful.isEmpty { Issue.record("\(harmful), round \(round)") }
  }
}
