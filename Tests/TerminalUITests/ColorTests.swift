import Testing

@testable import TerminalUI

@Suite struct ColorTests {
  @Test(arguments: [
    (Color.rgb(255, 255, 255), Color.indexed(231)), (.rgb(0, 0, 0), .indexed(16)),
    (.rgb(95, 135, 175), .indexed(67)), (.rgb(128, 128, 128), .indexed(244)),
    (.rgb(8, 8, 8), .indexed(232)), (.rgb(255, 0, 0), .indexed(196)),
    (.indexed(3), .indexed(3)), (.terminalDefault, .terminalDefault),
  ])
  func nearestOf256(color: Color, nearest: Color) {
    #expect(color.nearest256 == nearest)
  }

  @Test func exactColorsOfThePaletteMapToThemselves() {
    for index in UInt8(16)...255 {
      guard let parts = Color.indexed(index).components else { continue }
      let color = Color.rgb(UInt8(parts.red), UInt8(parts.green), UInt8(parts.blue))
      let back = color.nearest256.components
      #expect(back?.red == parts.red && back?.green == parts.green && back?.blue == parts.blue)
    }
  }

  @Test func fewColors() {
    #expect(Color.rgb(250, 10, 10).nearest16 == .indexed(9))
    #expect(Color.rgb(250, 10, 10).nearest8 == .indexed(1))
    #expect(Color.indexed(196).nearest16 == .indexed(9))
    #expect(Color.indexed(12).nearest16 == .indexed(12))
    #expect(Color.rgb(1, 2, 3).mapped(to: .monochrome) == .terminalDefault)
    #expect(Color.rgb(1, 2, 3).mapped(to: .direct) == .rgb(1, 2, 3))
  }

  @Test func contrastAndMixtures() throws {
    let white = Color.rgb(255, 255, 255)
    let black = Color.rgb(0, 0, 0)
    let most = try #require(white.contrast(to: black))
    #expect(abs(most - 21) < 0.1)
    #expect(white.contrast(to: .terminalDefault) == nil)
    #expect(white.blended(with: black, share: 0.5) == .rgb(128, 128, 128))
    #expect(white.blended(with: black, share: 9) == black)
    #expect(white.blended(with: .terminalDefault, share: 1) == white)
  }
}
