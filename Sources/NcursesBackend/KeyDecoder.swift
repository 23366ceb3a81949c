import CNcurses
import TerminalUI

/// From what ncurses read to what it means.
enum KeyDecoder {
  /// The input, or nil for something that has no meaning here.
  static func decode(_ input: nc_input) -> TerminalInput? {
    let value = UInt32(truncatingIfNeeded: input.value)
    switch UInt32(truncatingIfNeeded: input.kind) {
    case NC_INPUT_CHARACTER.rawValue: return key(forScalar: value).map(TerminalInput.key)
    case NC_INPUT_KEY.rawValue: return key(forCode: value).map(TerminalInput.key)
    case NC_INPUT_FUNCTION.rawValue: return .key(.function(Int(input.value)))
    case NC_INPUT_MOUSE.rawValue:
      return kind(forMouse: value).map {
        .mouse(MouseEvent(row: Int(input.row), column: Int(input.column), kind: $0))
      }
    case NC_INPUT_RESIZED.rawValue: return .resized
    default: return nil
    }
  }

  /// The key of a character as the terminal sends it in raw mode.
  static func key(forScalar value: UInt32) -> Key? {
    switch value {
    case 0: return .control("@")
    case 8, 127: return .backspace
    case 9: return .tab
    case 10, 13: return .enter
    case 27: return .escape
    case 1...26: return letter(UInt32(UInt8(ascii: "a")) + value - 1).map(Key.control)
    case 28...31: return letter(value + 64).map(Key.control)
    case 0x80...0x9F: return nil
    default: return letter(value).map(Key.character)
    }
  }

  /// Pasted scalars as one line of text; nil when there is nothing in it.
  static func pasted(_ scalars: some Sequence<UInt32>) -> TerminalInput? {
    let spaces: Set<UInt32> = [9, 10, 13]
    let kept = scalars.compactMap { value in
      Unicode.Scalar(spaces.contains(value) ? 0x20 : value)
    }.filter { $0.properties.generalCategory != .control }
    let text = String(String.UnicodeScalarView(kept))
    let tail = text.drop { $0 == " " }
    let spacesAtEnd = tail.reversed().prefix { $0 == " " }.count
    let line = SafeText.cleaned(String(tail.dropLast(spacesAtEnd)))
    return line.isEmpty ? nil : .paste(line)
  }

  private static func letter(_ value: UInt32) -> Character? {
    Unicode.Scalar(value).map(Character.init)
  }

  private static func key(forCode value: UInt32) -> Key? {
    switch value {
    case NC_KEY_UP.rawValue: .up
    case NC_KEY_DOWN.rawValue: .down
    case NC_KEY_LEFT.rawValue: .left
    case NC_KEY_RIGHT.rawValue: .right
    case NC_KEY_HOME.rawValue: .home
    case NC_KEY_END.rawValue: .end
    case NC_KEY_PAGE_UP.rawValue: .pageUp
    case NC_KEY_PAGE_DOWN.rawValue: .pageDown
    case NC_KEY_BACKSPACE.rawValue: .backspace
    case NC_KEY_DELETE.rawValue: .delete
    case NC_KEY_ENTER.rawValue: .enter
    case NC_KEY_BACK_TAB.rawValue: .backTab
    case NC_KEY_SHIFT_LEFT.rawValue: .shiftLeft
    case NC_KEY_SHIFT_RIGHT.rawValue: .shiftRight
    default: nil
    }
  }

  private static func kind(forMouse value: UInt32) -> MouseEvent.Kind? {
    switch value {
    case NC_MOUSE_PRESS.rawValue: .press
    case NC_MOUSE_RELEASE.rawValue: .release
    case NC_MOUSE_WHEEL_UP.rawValue: .wheelUp
    case NC_MOUSE_WHEEL_DOWN.rawValue: .wheelDown
    case NC_MOUSE_DRAG.rawValue: .drag
    default: nil
    }
  }
}
