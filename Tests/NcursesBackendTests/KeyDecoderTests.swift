import CNcurses
import TerminalUI
import Testing

@testable import NcursesBackend

@Suite struct KeyDecoderTests {
  static let scalars: [(UInt32, Key?)] = [
    (0x41, .character("A")), (0x20, .character(" ")), (3, .control("c")), (26, .control("z")),
    (12, .control("l")), (0, .control("@")), (28, .control("\\")), (31, .control("_")),
    (9, .tab), (10, .enter), (13, .enter), (8, .backspace), (127, .backspace), (27, .escape),
    (0xE9, .character("é")), (0x1F642, .character("🙂")), (0x9B, nil), (0xD800, nil),
    (0xFFFF_FFFF, nil),
  ]

  @Test(arguments: scalars)
  func scalarsAsTerminalsSendThem(value: UInt32, key: Key?) {
    #expect(KeyDecoder.key(forScalar: value) == key)
  }

  @Test func whatIsUnknownIsNothing() {
    func input(_ kind: UInt32, _ value: Int32) -> nc_input {
      nc_input(kind: Int32(kind), value: value, row: 2, column: 3)
    }
    #expect(KeyDecoder.decode(input(NC_INPUT_UNKNOWN.rawValue, 7)) == nil)
    #expect(KeyDecoder.decode(input(99, 7)) == nil)
    #expect(KeyDecoder.decode(input(NC_INPUT_KEY.rawValue, 999)) == nil)
    #expect(
      KeyDecoder.decode(input(NC_INPUT_FUNCTION.rawValue, 5)) == .key(.function(5)))
    #expect(
      KeyDecoder.decode(input(NC_INPUT_MOUSE.rawValue, Int32(NC_MOUSE_WHEEL_UP.rawValue)))
        == .mouse(MouseEvent(row: 2, column: 3, kind: .wheelUp)))
  }

  @Test func shiftedArrowsHaveNames() {
    #expect(Key.shiftLeft.label == "Shift-←")
    #expect(Key.shiftRight.label(glyphs: .ascii) == "Shift-Right")
    for key in [Key.shiftLeft, .shiftRight] {
      #expect(Key(label: key.label) == key)
      #expect(Key(label: key.label(glyphs: .ascii).lowercased()) == key)
    }
  }
}
