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

  @Test(arguments: Scene.all)
  func asciiScreensHaveSevenBits(scene: Scene) {
    for size in Self.sizes {
      let wrong = render(scene.desk(size, .ascii).state).cells.filter { $0.scalar > 0x7E }
      #expect(wrong.isEmpty, "\(size): \(String(wrong.map(\.character)))")
    }
  }
}
