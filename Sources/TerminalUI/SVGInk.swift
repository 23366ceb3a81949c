/// The layers of an SVG while it is drawn: what has one colour becomes one path.
struct SVGInk {
  /// Rectangles of one layer, by colour, in the order in which the colours were met.
  struct Layer {
    private var order: [Color] = []
    private var paths: [Color: String] = [:]
    /// The newest rectangles of a colour, which the next ones may lengthen.
    private var open: [Color: [CellShape.Box]] = [:]
    /// As many as one cell has at most.
    private static let openMax = 4

    /// Adds a rectangle of a cell whose top left corner is given, joined with the one to its left.
    mutating func add(_ box: CellShape.Box, x: Double, y: Double, color: Color) {
      if paths[color] == nil {
        order.append(color)
        paths[color] = ""
      }
      let placed = CellShape.Box(x + box.x, y + box.y, box.width, box.height)
      var boxes = open[color] ?? []
      let left = boxes.firstIndex {
        $0.y == placed.y && $0.height == placed.height && $0.x + $0.width == placed.x
      }
      if let left {
        boxes[left].width += placed.width
      } else {
        boxes.append(placed)
        if boxes.count > Self.openMax { paths[color]? += Self.path(boxes.removeFirst()) }
      }
      open[color] = boxes
    }

    /// A path a colour.
    var text: String {
      order.map { color in
        let data = (paths[color] ?? "") + (open[color] ?? []).map(Self.path).joined()
        return "<path fill=\"\(SVGInk.hexadecimal(color))\" d=\"\(data)\"/>\n"
      }.joined()
    }

    private static func path(_ box: CellShape.Box) -> String {
      let (width, height) = (SVGInk.number(box.width), SVGInk.number(box.height))
      return "M\(SVGInk.number(box.x)) \(SVGInk.number(box.y))h\(width)v\(height)h-\(width)z"
    }
  }

  /// Behind everything.
  var backgrounds = Layer()
  /// Rules and blocks.
  var shapes = Layer()
  /// Words.
  private(set) var texts = ""
  private var strokeOrder: [Stroke] = []
  private var strokePaths: [Stroke: String] = [:]

  private struct Stroke: Hashable {
    var color: Color
    var width: Double
  }

  /// Round corners and dots, a path a colour and width.
  var strokes: String {
    strokeOrder.map { stroke in
      "<path fill=\"none\" stroke=\"\(Self.hexadecimal(stroke.color))\" "
        + "stroke-width=\"\(Self.number(stroke.width))\" stroke-linecap=\"round\" "
        + "d=\"\(strokePaths[stroke] ?? "")\"/>\n"
    }.joined()
  }

  /// A dot around a place.
  mutating func addDot(x: Double, y: Double, width: Double, color: Color) {
    add("M\(Self.number(x)) \(Self.number(y))h0", Stroke(color: color, width: width))
  }

  /// A quarter circle from the middle of a cell's side to the middle of its top or bottom.
  mutating func addArc(isRight: Bool, isDown: Bool, x: Double, y: Double, color: Color) {
    let (middleX, middleY) = (x + 4.5, y + 9.5)
    let sideX = isRight ? x + Double(CellShape.width) : x
    let endY = isDown ? y + Double(CellShape.height) : y
    let bendY = isDown ? middleY + 4.5 : middleY - 4.5
    let data =
      "M\(Self.number(sideX)) \(Self.number(middleY))"
      + "Q\(Self.number(middleX)) \(Self.number(middleY)) "
      + "\(Self.number(middleX)) \(Self.number(bendY))V\(Self.number(endY))"
    add(data, Stroke(color: color, width: 1))
  }

  /// Words that fill exactly so many columns, whatever the font.
  mutating func addText(
    _ text: String, x: Double, y: Double, width: Double, isBold: Bool, color: Color
  ) {
    let weight = isBold ? " font-weight=\"bold\"" : ""
    texts +=
      "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" textLength=\"\(Self.number(width))\" "
      + "lengthAdjust=\"spacingAndGlyphs\" fill=\"\(Self.hexadecimal(color))\"\(weight)>"
      + "\(Self.escaped(text))</text>\n"
  }

  private mutating func add(_ data: String, _ stroke: Stroke) {
    if strokePaths[stroke] == nil { strokeOrder.append(stroke) }
    strokePaths[stroke, default: ""] += data
  }

  /// A line, or a band there along its upper and back along its lower edge.
  static func path(
    _ stretch: ChartDrawing.Stretch, x: Double, y: Double, width: Double, height: Double
  ) -> String {
    func place(_ point: ChartDrawing.Point) -> String {
      "\(number(x + point.x * width)) \(number(y + point.y * height))"
    }
    let back = stretch.isLine ? [] : stretch.lower.reversed()
    var points = (stretch.upper + back).map(place)
    // A single point is a dot: a line needs two ends.
    if points.count == 1 { points += points }
    return "M" + points.joined(separator: "L") + (stretch.isLine ? "" : "Z")
  }

  /// `#RRGGBB`.
  static func hexadecimal(_ color: Color) -> String {
    guard let parts = color.components else { return "#000000" }
    return "#"
      + [parts.red, parts.green, parts.blue].map { channel in
        (channel < 16 ? "0" : "") + String(channel, radix: 16, uppercase: true)
      }.joined()
  }

  /// With two decimals at most.
  static func number(_ value: Double) -> String {
    let limit = 1e9
    let bounded = value.isNaN ? 0 : min(max(value, -limit), limit)
    let hundredths = Int((bounded * 100).rounded())
    let (whole, rest) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
    let sign = hundredths < 0 ? "-" : ""
    if rest == 0 { return "\(sign)\(whole)" }
    return rest % 10 == 0
      ? "\(sign)\(whole).\(rest / 10)"
      : "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
  }

  /// Text that is only text in XML.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.unicodeScalars.append(scalar.value < 0x20 ? "\u{FFFD}" : scalar)
      }
    }
    return result
  }
}
