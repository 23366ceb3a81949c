import JSONText
import RunLog
import TerminalUI
import Testing

@testable import Dashboard

/// Text from outside can neither steer the terminal nor mislead the eye.
struct HostileTextTests {
  static func harmful(_ buffer: Buffer) -> [Unicode.Scalar] {
    let letters: [UInt32] = buffer.cells.map(\.scalar)
    return Set(letters).compactMap(Unicode.Scalar.init).filter { scalar in
      if scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) { return true }
      switch scalar.properties.generalCategory {
      case .control, .format, .surrogate, .privateUse, .lineSeparator, .paragraphSeparator:
        return true
      default: return CharacterWidth.columns(of: scalar) == 0 || scalar.value == 0x3164
      }
    }
  }

  @Test(arguments: Scene.all)
  func noScreenHoldsWhatCouldHarm(scene: Scene) {
    for size in ScreenSnapshotTests.sizes {
      #expect(Self.harmful(render(scene.desk(size, .braille).state)) == [])
    }
  }

  /// Hostile text in every place at which text enters.
  @Test func everyWayInIsCleaned() {
    let evil = Samples.hostile
    let path = "runs/" + evil
    for size in ScreenSnapshotTests.sizes {
      var desk = Desk(rows: size.rows, columns: size.columns)
      func expectClean(_ place: String) {
        for view in DashboardState.viewNames {
          var shown = desk.state
          shown.view = view
          #expect(Self.harmful(render(shown)) == [], "\(place) in \(view) at \(size)")
        }
      }
      desk.state.places = [evil]
      expectClean("places")
      desk.find(path, name: evil)
      desk.state.notice = evil
      var manifest = Samples.manifest
      manifest.name = evil
      desk.log([.manifest(manifest), .liveness(.alive), Samples.phase(.training)], path: path)
      expectClean("name")
      let id = desk.deliver(desk.press(.character("P"))).first ?? ""
      desk.log(
        [Samples.answer(id, .pause, status: .refused, reason: evil)], path: path)
      expectClean("refusal")
      for id in desk.deliver(desk.press(.character("X"), .enter)) {
        let layer = JournalRecord.LayerChange(
          name: evil, before: 0, after: 1, parameters: .max, flops: .min)
        desk.log(
          [
            Samples.answer(
              id, .prune(.init(method: evil, sparsity: 0.5, isPreview: true)), status: .previewed,
              layers: [layer])
          ], path: path)
      }
      expectClean("preview")
      desk.press(.escape)
      desk.log(
        [
          Samples.phase(.failed, reason: evil), .engineOutput([evil]),
          Samples.scalar(evil, 1, 1), Samples.scalar("train/" + evil, 2, .nan),
          .trouble(.unreadable(file: evil, offset: .min, reason: evil)),
          Samples.journal(1, .alert(evil)), Samples.journal(1, .note(evil)),
          Samples.journal(1, .branch(name: evil, path: evil)),
          Samples.journal(1, .other(kind: evil, [evil: .string(evil)])),
          Samples.journal(1, .other(kind: "candidate", ["id": .string(evil), evil: 1])),
          .text(tag: evil, step: 1, wallTime: 1, evil),
          .hyperparameters([.init(name: evil, value: .string(evil))]),
          .grid(
            tag: "density/" + evil, step: 1, wallTime: 1,
            Grid(rows: 1, columns: 1, values: [1])),
          Samples.scalar("gradient_norm/" + evil, 2, 1),
        ], path: path)
      desk.press(.left)
      expectClean("trouble")
      desk.send(.notSent(problem: "not sent: \(evil)"))
      desk.send(.notStarted(problem: evil))
      desk.send(.started(path: evil))
      expectClean("toasts")
      desk.state.view = "runs"
      desk.press(.character("/"))
      desk.send(.input(.paste(evil)))
      expectClean("prompt")
      desk.state.theme = evil
      desk.send(.misconfigured(evil))
      Update.mark(path, &desk.state)
      expectClean("marked")
    }
  }
}
