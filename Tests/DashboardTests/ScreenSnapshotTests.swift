import Dashboard
import TerminalUI
import Testing

/// Every screen at every size, as a person would see it.
struct ScreenSnapshotTests {
  static let sizes = [(80, 24), (200, 60), (60, 15), (40, 10), (1, 1)].map {
    Size(rows: $0.1, columns: $0.0)
  }

  @Test(arguments: Scene.all, [GlyphSet.braille, .ascii])
  func theScreenIsAsRecorded(scene: Scene, glyphs: GlyphSet) throws {
    var text = ""
    for size in Self.sizes {
      let lines = scene.desk(size, glyphs).screen
      #expect(lines.count == size.rows)
      text += "──── \(size.columns)x\(size.rows)\n" + lines.map { $0 + "\n" }.joined()
    }
    try SnapshotFile(name: "\(scene.name).\(glyphs.rawValue)").expect(text)
  }

  /// What each cell means, which a theme turns into colours.
  @Test(arguments: Scene.views)
  func theRolesAreAsRecorded(scene: Scene) throws {
    let desk = scene.desk(Size(rows: 24, columns: 80), .braille)
    let lines = render(desk.state).roleLines()
    try SnapshotFile(name: "\(scene.name).roles").expect(lines.map { $0 + "\n" }.joined())
  }

  /// Where there are no colours, strokes and numbers tell curves apart.
  @Test(arguments: Scene.views)
  func theMonochromeScreenIsAsRecorded(scene: Scene) throws {
    var desk = scene.desk(Size(rows: 24, columns: 80), .braille)
    (desk.state.isMonochrome, desk.state.hasColors) = (true, false)
    try SnapshotFile(name: "\(scene.name).monochrome").expect(
      desk.screen.map { $0 + "\n" }.joined())
  }

  @Test(arguments: Scene.all)
  func asciiScreensHaveSevenBits(scene: Scene) {
    for size in Self.sizes {
      let wrong = render(scene.desk(size, .ascii).state).cells.filter { $0.scalar > 0x7E }
      #expect(wrong.isEmpty, "\(size): \(String(wrong.map(\.character)))")
    }
  }
}
