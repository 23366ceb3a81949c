import TerminalUI

/// What `draw` leaves in a blank buffer, as text without trailing spaces.
func drawn(rows: Int, columns: Int, _ draw: (inout Buffer) -> Void) -> [String] {
  var buffer = Buffer(rows: rows, columns: columns)
  draw(&buffer)
  return buffer.textLines()
}

/// The rectangle of a whole screen.
func area(rows: Int, columns: Int) -> Rect {
  Rect(row: 0, column: 0, rows: rows, columns: columns)
}

/// A small generator with a seed (splitmix64), so that a failure can be repeated.
struct SeededRandom: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
