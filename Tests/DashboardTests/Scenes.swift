import JSONText
import OperatingSystem
import RunLog
import TerminalUI

@testable import Dashboard

/// What a person may have before the eyes: a state for each screen, made by messages alone.
struct Scene: Sendable, CustomStringConvertible {
  let name: String
  let play: @Sendable (inout Desk) -> Void

  var description: String { name }

  func desk(_ size: Size, _ glyphs: GlyphSet) -> Desk {
    var desk = Desk(rows: size.rows, columns: size.columns, glyphs: glyphs)
    play(&desk)
    return desk
  }

  private static func train(_ desk: inout Desk, then events: [RunEvent] = []) {
    desk.find(Desk.path)
    desk.log(Samples.training + events)
  }

  static let all: [Scene] =
    [
      Scene(name: "no-run") { _ in },
      Scene(name: "waiting") { desk in
        desk.find(Desk.path)
        desk.log([.manifest(Samples.manifest), .liveness(.dead)])
      },
      Scene(name: "training") { train(&$0) },
      Scene(name: "cursor") { desk in
        train(&desk)
        desk.press(.right, .left, .left, .left)
        desk.deliver(desk.press(.character("P")))
      },
      Scene(name: "paused-learning-rate") { desk in
        train(&desk, then: [Samples.phase(.paused, reason: "loss is not a finite number")])
        desk.press(.character("L"))
        desk.type("x0.5")
      },
      Scene(name: "prune-typing") { desk in
        train(&desk)
        desk.press(.character("X"))
        desk.type("150%")
        desk.press(.enter)
      },
      Scene(name: "prune-asking") { desk in
        train(&desk)
        desk.deliver(desk.press(.character("X"), .enter))
      },
      Scene(name: "prune-previewed") { desk in
        train(&desk)
        for id in desk.deliver(desk.press(.character("X"), .enter)) {
          desk.log([
            Samples.answer(
              id, Samples.prune, status: .previewed, old: 0.1, new: 0.8, layers: Samples.layers)
          ])
        }
      },
      Scene(name: "prune-method") { desk in
        train(&desk, then: [.manifest(Samples.pruningManifest)])
        desk.press(.character("X"), .up, .down)
      },
      Scene(name: "prune-channels") { desk in
        train(&desk, then: [.manifest(Samples.pruningManifest)])
        desk.press(.character("X"))
        desk.type("l2 50%")
        for id in desk.deliver(desk.press(.enter)) {
          desk.log([
            Samples.answer(
              id, Samples.prune, status: .previewed, old: 0, new: 0.472, layers: Samples.channels)
          ])
        }
      },
      Scene(name: "prune-ongoing") { desk in
        train(&desk, then: [.manifest(Samples.pruningManifest)] + Samples.rounds)
        desk.press(.character("X"))
      },
      Scene(name: "layers-rounds") { desk in
        train(&desk, then: [.manifest(Samples.pruningManifest)] + Samples.rounds)
        desk.state.view = "layers"
        for _ in 0..<3 { desk.press(.character("v")) }
      },
      Scene(name: "layers-zoomed") { desk in
        let values = (0..<2048).map { Float(($0 / 64 + $0 % 64) % 9) / 8 }
        let grid = Grid(rows: 32, columns: 64, values: values)
        train(
          &desk,
          then: [
            .manifest(Samples.pruningManifest),
            .grid(tag: "density/layer1", step: 400, wallTime: 50, grid),
          ])
        desk.state.view = "layers"
        desk.press(.character("+"), .right, .down)
      },
      Scene(name: "layers-mixture") { desk in
        train(&desk, then: Samples.mixture)
        desk.state.view = "layers"
      },
      Scene(name: "search") { desk in
        desk.find(Desk.path)
        desk.log(Samples.search)
        desk.press(.character("3"))
      },
      Scene(name: "search-cell") { desk in
        desk.find(Desk.path)
        desk.log(Samples.search)
        desk.press(.character("3"), .down)
      },
      Scene(name: "search-promote") { desk in
        desk.find(Desk.path)
        desk.log(Samples.search)
        desk.press(.character("3"), .character("t"))
      },
      Scene(name: "search-runs") { desk in
        desk.find(Desk.path)
        desk.log(Samples.search)
        desk.press(.character("4"))
      },
      Scene(name: "undo") { desk in
        train(&desk)
        desk.press(.character("U"))
      },
      Scene(name: "stop") { desk in
        train(&desk)
        desk.press(.character("K"))
      },
      Scene(name: "help") { desk in
        train(&desk)
        desk.press(.character("?"))
      },
      Scene(name: "dead") { desk in
        let output = ["loading", "Fatal error: \u{1B}[1mout"]
        train(&desk, then: [.liveness(.dead), .engineOutput(output)])
      },
      Scene(name: "failed") { desk in
        train(
          &desk,
          then: [
            Samples.phase(
              .failed, reason: "cannot write to journal.jsonl: No space left on device"),
            .liveness(.dead), .engineOutput(["one last word"]),
          ])
      },
      Scene(name: "damaged") { desk in
        train(
          &desk,
          then: [
            .trouble(.skippedRecords(file: "journal.jsonl", count: 3)),
            .trouble(.unreadable(file: "events.out", offset: 4096, reason: "a wrong checksum")),
            .trouble(.diskFull(true)),
          ])
      },
      Scene(name: "hostile-name") { desk in
        desk.find(Desk.path, name: Samples.hostile)
        desk.log([
          Samples.scalar("train/" + Samples.hostile, 1, 1), Samples.scalar(Samples.hostile, 9, 2),
          Samples.journal(5, .alert(Samples.hostile)),
          Samples.phase(.paused, reason: Samples.hostile),
          .trouble(.missing(file: Samples.hostile, consequence: Samples.hostile)),
        ])
        desk.press(.left)
      },
      Scene(name: "thirty-charts") { desk in
        desk.find("runs/other")
        desk.find(Desk.path)
        desk.press(.character("["))
        let tags = (10..<40).map { "metric\($0)" }
        desk.log(
          tags.flatMap { tag in
            (0..<50).map { Samples.scalar(tag, $0, Float($0 * $0 % 17)) }
          })
        desk.press(.pageDown)
      },
      Scene(name: "filter") { desk in
        train(&desk)
        desk.press(.character("/"))
        desk.type("gradient")
      },
      Scene(name: "palette") { desk in
        train(&desk)
        desk.press(.character(":"))
        desk.type("sm")
        desk.press(.tab)
      },
      Scene(name: "branch") { desk in
        train(&desk)
        desk.press(.character("B"))
        desk.type("fast")
        desk.press(.enter)
      },
      Scene(name: "zoomed") { desk in
        train(&desk)
        for key in "sss++<xy" { desk.press(.character(key)) }
        desk.press(.enter, .left, .left)
      },
      Scene(name: "overlaid") { desk in
        trainTwelve(&desk)
        for path in ["runs/run02", "runs/run11"] { Update.mark(path, &desk.state) }
      },
    ] + views

  /// Every view with no run, one, and twelve.
  static let views: [Scene] = DashboardState.viewNames.flatMap { view in
    [
      Scene(name: "\(view)-none") { $0.state.view = view },
      Scene(name: "\(view)-one") { desk in
        train(&desk)
        desk.state.view = view
      },
      Scene(name: "\(view)-twelve") { desk in
        trainTwelve(&desk)
        desk.state.view = view
      },
    ]
  }

  /// Twelve runs with learning rates of their own; the last one is chosen.
  private static func trainTwelve(_ desk: inout Desk) {
    for run in 1...12 {
      let path = "runs/run" + (run < 10 ? "0" : "") + "\(run)"
      desk.find(path, name: Path.name(of: path))
      var manifest = Samples.manifest
      manifest.name = Path.name(of: path)
      let rate = JSON.number(0.01 * Double(run))
      manifest.experiment = ["model": "mlp", "optimizer": ["learningRate": rate]]
      desk.log([.manifest(manifest)] + Samples.short(rate: Float(run)), path: path)
    }
    desk.state.selectedPath = "runs/run12"
  }
}
