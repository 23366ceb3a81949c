/// Characters that must meet their neighbours, as shapes in a cell of 9 x 19 units: the font of a
/// picture is not known, and its own rules and blocks leave gaps.
enum CellShape {
  /// Rectangles.
  case boxes([Box])
  /// The whole cell in a mixture of background and foreground; 1 is all foreground.
  case shade(Double)
  /// A rounded corner from its right or left side to its bottom or top.
  case arc(isRight: Bool, isDown: Bool)
  /// The middles of braille dots.
  case dots([(x: Double, y: Double)])

  /// A rectangle, from the top left corner of the cell.
  struct Box {
    var x, y, width, height: Double

    init(_ x: Double, _ y: Double, _ width: Double, _ height: Double) {
      (self.x, self.y, self.width, self.height) = (x, y, width, height)
    }

    static let cell = Box(0, 0, Double(CellShape.width), Double(CellShape.height))
    static let underline = Box(0, 16, Double(CellShape.width), 1)
  }

  /// Odd, so that a line of one unit has a middle to stand on.
  static let width = 9
  static let height = 19

  /// The shape of a character; nil when it is a letter or the like.
  init?(_ scalar: UInt32) {
    if let boxes = CellShape.rules[scalar] {
      self = .boxes(boxes)
    } else if let corner = CellShape.corners[scalar] {
      self = .arc(isRight: corner.isRight, isDown: corner.isDown)
    } else if CellShape.isBraille(scalar) {
      self = .dots(CellShape.dots(scalar - 0x2800))
    } else if (0x2591...0x2593).contains(scalar) {
      self = .shade(Double(scalar - 0x2590) / 4)
    } else if (0x2580...0x259F).contains(scalar) {
      self = .boxes(CellShape.block(scalar))
    } else {
      return nil
    }
  }

  static func isBraille(_ scalar: UInt32) -> Bool { (0x2800...0x28FF).contains(scalar) }

  /// Whether it is a line of a grid.
  static func isHorizontalRule(_ scalar: UInt32) -> Bool { [0x2508, 0x2500].contains(scalar) }

  /// Whether it is a line at an event or a cursor.
  static func isVerticalRule(_ scalar: UInt32) -> Bool { [0x250A, 0x2502].contains(scalar) }

  private static func dots(_ pattern: UInt32) -> [(x: Double, y: Double)] {
    var dots: [(x: Double, y: Double)] = []
    for x in 0..<2 {
      for y in 0..<4 {
        let bit = y == 3 ? 6 + x : y + 3 * x
        guard pattern & (1 << UInt32(bit)) != 0 else { continue }
        dots.append(
          (
            Double(width) * (2 * Double(x) + 1) / 4, Double(height) * (2 * Double(y) + 1) / 8
          ))
      }
    }
    return dots
  }

  /// Block elements U+2580 to U+259F but for the shades.
  private static func block(_ scalar: UInt32) -> [Box] {
    let (wide, high) = (Double(width), Double(height))
    switch scalar {
    case 0x2580: return [Box(0, 0, wide, high / 2)]
    case 0x2581...0x2588:
      let part = high * Double(scalar - 0x2580) / 8
      return [Box(0, high - part, wide, part)]
    case 0x2589...0x258F: return [Box(0, 0, wide * Double(0x2590 - scalar) / 8, high)]
    case 0x2590: return [Box(wide / 2, 0, wide / 2, high)]
    case 0x2594: return [Box(0, 0, wide, high / 8)]
    case 0x2595: return [Box(wide * 7 / 8, 0, wide / 8, high)]
    default:
      // Upper left 1, upper right 2, lower left 4, lower right 8, for U+2596 to U+259F.
      let quadrants = [4, 8, 1, 13, 9, 7, 11, 2, 6, 14]
      let index = Int(scalar) - 0x2596
      guard quadrants.indices.contains(index) else { return [] }
      return (0..<4).filter { quadrants[index] & (1 << $0) != 0 }.map {
        Box($0 % 2 == 0 ? 0 : wide / 2, $0 < 2 ? 0 : high / 2, wide / 2, high / 2)
      }
    }
  }

  private static let corners: [UInt32: (isRight: Bool, isDown: Bool)] = [
    0x256D: (true, true), 0x256E: (false, true), 0x256F: (false, false), 0x2570: (true, false),
  ]

  /// Rules and boxes of one unit's width, heavy ones of three, and double ones.
  private static let rules: [UInt32: [Box]] = {
    let left = Box(0, 9, 5, 1)
    let right = Box(4, 9, 5, 1)
    let up = Box(4, 0, 1, 10)
    let down = Box(4, 9, 1, 10)
    let across = Box(0, 9, 9, 1)
    let along = Box(4, 0, 1, 19)
    let dotted = [Box(1, 9, 1, 1), Box(4, 9, 1, 1), Box(7, 9, 1, 1)]
    let dashed = [Box(4, 1, 1, 2), Box(4, 6, 1, 2), Box(4, 11, 1, 2), Box(4, 16, 1, 2)]
    return [
      0x2500: [across], 0x2501: [Box(0, 8, 9, 3)], 0x2502: [along], 0x2503: [Box(3, 0, 3, 19)],
      0x2504: dotted, 0x2506: dashed, 0x2508: dotted, 0x250A: dashed,
      0x254C: [Box(1, 9, 3, 1), Box(5, 9, 3, 1)],
      0x250C: [right, down], 0x2510: [left, down], 0x2514: [right, up], 0x2518: [left, up],
      0x251C: [along, right], 0x2524: [along, left], 0x252C: [across, down], 0x2534: [across, up],
      0x253C: [across, along], 0x2574: [left], 0x2575: [up], 0x2576: [right], 0x2577: [down],
      0x2550: [Box(0, 7, 9, 1), Box(0, 11, 9, 1)], 0x2551: [Box(2, 0, 1, 19), Box(6, 0, 1, 19)],
      0x2554: [Box(2, 7, 7, 1), Box(2, 7, 1, 12), Box(6, 11, 3, 1), Box(6, 11, 1, 8)],
      0x2557: [Box(0, 7, 7, 1), Box(6, 7, 1, 12), Box(0, 11, 3, 1), Box(2, 11, 1, 8)],
      0x255A: [Box(2, 11, 7, 1), Box(2, 0, 1, 12), Box(6, 7, 3, 1), Box(6, 0, 1, 8)],
      0x255D: [Box(0, 11, 7, 1), Box(6, 0, 1, 12), Box(0, 7, 3, 1), Box(2, 0, 1, 8)],
    ]
  }()
}
