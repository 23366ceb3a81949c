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

  @Test func readableColorsKeepTheirHue() throws {
    let red = Color.rgb(120, 0, 0)
    let onBlack = red.readable(on: .rgb(0, 0, 0), contrast: 4.5)
    #expect(try #require(onBlack.contrast(to: .rgb(0, 0, 0))) >= 4.5)
    let parts = try #require(onBlack.components)
    #expect(parts.red > parts.green + 60 && parts.red > parts.blue + 60)
    #expect(onBlack.readable(on: .rgb(0, 0, 0), contrast: 4.5) == onBlack)
    let onWhite = Color.rgb(255, 255, 0).readable(on: .rgb(255, 255, 255), contrast: 3)
    #expect(try #require(onWhite.contrast(to: .rgb(255, 255, 255))) >= 3)
    #expect(red.readable(on: .rgb(128, 128, 128), contrast: 30) == .rgb(0, 0, 0))
    #expect(Color.terminalDefault.readable(on: .rgb(0, 0, 0), contrast: 9) == .terminalDefault)
  }

  @Test(arguments: 0...255)
  func channelsSurviveTheWayToLightAndBack(value: UInt8) throws {
    let light = try #require(Color.rgb(value, value, value).linearComponents)
    #expect(Color.encoded(light.red) == value)
  }

  /// Lab values of the page that defines OKLab, for red and for a grey.
  @Test func okLabOfKnownColors() throws {
    let red = try #require(OKLab(.rgb(255, 0, 0)))
    #expect(abs(red.lightness - 0.62796) < 1e-4)
    #expect(abs(red.a - 0.22486) < 1e-4 && abs(red.b - 0.12585) < 1e-4)
    let white = try #require(OKLab(.rgb(255, 255, 255)))
    #expect(abs(white.lightness - 1) < 1e-6 && abs(white.a) < 1e-6 && abs(white.b) < 1e-6)
    for color in [Color.rgb(255, 0, 0), .rgb(1, 200, 77), .rgb(0, 0, 0), .rgb(9, 9, 250)] {
      #expect(try #require(OKLab(color)).color == color)
    }
    #expect(OKLab(.terminalDefault) == nil)
  }
}
