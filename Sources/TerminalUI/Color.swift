/// A colour as a terminal takes it.
public enum Color: Hashable, Sendable {
  /// Whatever the terminal uses when nothing is said.
  case terminalDefault
  /// One of the 256: 0-15 the terminal's own, 16-231 a cube, 232-255 greys.
  case indexed(UInt8)
  /// Red, green and blue.
  case rgb(UInt8, UInt8, UInt8)

  /// Red, green and blue of 0 to 255; nil for the terminal's own default.
  public var components: (red: Int, green: Int, blue: Int)? {
    switch self {
    case .terminalDefault: return nil
    case .rgb(let red, let green, let blue): return (Int(red), Int(green), Int(blue))
    case .indexed(let index) where index < 16: return Color.ansi[Int(index)]
    case .indexed(let index) where index < 232:
      let cube = Int(index) - 16
      return (
        Color.cubeLevels[cube / 36], Color.cubeLevels[cube / 6 % 6], Color.cubeLevels[cube % 6]
      )
    case .indexed(let index):
      let grey = 8 + 10 * (Int(index) - 232)
      return (grey, grey, grey)
    }
  }

  /// The nearest of the colours 16 to 255; an indexed colour stays.
  public var nearest256: Color {
    guard case .rgb = self, let wanted = components else { return self }
    func level(_ value: Int) -> Int {
      let levels = Color.cubeLevels
      return levels.indices.min { abs(levels[$0] - value) < abs(levels[$1] - value) } ?? 0
    }
    let cube = 36 * level(wanted.red) + 6 * level(wanted.green) + level(wanted.blue)
    let inCube = Color.indexed(UInt8(16 + cube))
    let average = (wanted.red + wanted.green + wanted.blue) / 3
    let grey = Color.indexed(UInt8(232 + min(max((average - 3) / 10, 0), 23)))
    return Color.distance(self, grey) < Color.distance(self, inCube) ? grey : inCube
  }

  /// The nearest of the sixteen colours that every terminal's palette names.
  public var nearest16: Color { nearest(among: 16) }

  /// The nearest of the eight colours of the oldest terminals.
  public var nearest8: Color { nearest(among: 8) }

  /// The nearest colour that a terminal of this depth can show.
  public func mapped(to depth: ColorDepth) -> Color {
    switch depth {
    case .monochrome: .terminalDefault
    case .ansi8: nearest8
    case .ansi16: nearest16
    case .indexed256: nearest256
    case .direct: self
    }
  }

  /// Relative luminance, 0 black to 1 white (WCAG 2.1); nil for the terminal's own default.
  public var luminance: Double? {
    guard let parts = linearComponents else { return nil }
    return 0.2126 * parts.red + 0.7152 * parts.green + 0.0722 * parts.blue
  }

  /// The contrast ratio of two colours, 1 to 21 (WCAG 2.1); nil if either is the default.
  public func contrast(to other: Color) -> Double? {
    guard let one = luminance, let two = other.luminance else { return nil }
    return (max(one, two) + 0.05) / (min(one, two) + 0.05)
  }

  /// A mixture: `share` of 1 is the other colour, 0 this one.
  public func blended(with other: Color, share: Double) -> Color {
    guard let one = components, let two = other.components else { return self }
    let part = share.isNaN ? 0 : min(max(share, 0), 1)
    func mix(_ from: Int, _ to: Int) -> UInt8 {
      UInt8(min(max((Double(from) + Double(to - from) * part).rounded(), 0), 255))
    }
    return .rgb(mix(one.red, two.red), mix(one.green, two.green), mix(one.blue, two.blue))
  }

  /// This colour, made lighter on a dark ground and darker on a light one until it stands out by
  /// this contrast ratio as a terminal of this depth shows it. The hue stays as far as it can.
  public func readable(on ground: Color, contrast wanted: Double, depth: ColorDepth = .direct)
    -> Color
  {
    func isReadable(_ color: Color) -> Bool {
      (color.mapped(to: depth).contrast(to: ground) ?? .infinity) >= wanted
    }
    guard !isReadable(self), var lab = OKLab(self), let behind = ground.luminance else {
      return self
    }
    let isDarkGround = behind <= Color.luminanceWhereBlackReadsBetter
    let step = isDarkGround ? 0.02 : -0.02
    while (0...1).contains(lab.lightness + step) {
      lab.lightness += step
      let candidate = lab.color
      if isReadable(candidate) { return candidate }
    }
    return isDarkGround ? .rgb(255, 255, 255) : .rgb(0, 0, 0)
  }

  /// Backgrounds lighter than this are read better with black on them.
  static let luminanceWhereBlackReadsBetter = 0.179

  /// Whether the terminal's user, not the program, decides what it looks like.
  var isFromPalette: Bool {
    switch self {
    case .terminalDefault: true
    case .indexed(let index): index < 16
    case .rgb: false
    }
  }

  /// Red, green and blue as amounts of light, 0 to 1; nil for the terminal's own default.
  var linearComponents: (red: Double, green: Double, blue: Double)? {
    guard let parts = components else { return nil }
    return (
      Color.linear[parts.red & 0xFF], Color.linear[parts.green & 0xFF],
      Color.linear[parts.blue & 0xFF]
    )
  }

  /// The channel value nearest to an amount of light.
  static func encoded(_ light: Double) -> UInt8 {
    var low = 0
    var high = 255
    while low < high {
      let middle = (low + high) / 2
      if linear[middle] < light { low = middle + 1 } else { high = middle }
    }
    let isBelowNearer = low > 0 && light - linear[low - 1] < linear[low] - light
    return UInt8(isBelowNearer ? low - 1 : low)
  }

  private static let cubeLevels = [0, 95, 135, 175, 215, 255]

  /// The first sixteen as xterm draws them; a user may have chosen others.
  private static let ansi: [(red: Int, green: Int, blue: Int)] = [
    (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205),
    (0, 205, 205), (229, 229, 229), (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0),
    (92, 92, 255), (255, 0, 255), (0, 255, 255), (255, 255, 255),
  ]

  private func nearest(among count: Int) -> Color {
    if self == .terminalDefault { return self }
    if case .indexed(let index) = self, index < count { return self }
    let candidates = (0..<UInt8(count)).map { Color.indexed($0) }
    return candidates.min { Color.distance(self, $0) < Color.distance(self, $1) } ?? self
  }

  /// A cheap perceptual distance: channels weighted by the mean red.
  private static func distance(_ one: Color, _ two: Color) -> Double {
    guard let a = one.components, let b = two.components else { return .infinity }
    let mean = Double(a.red + b.red) / 2
    let red = Double(a.red - b.red)
    let green = Double(a.green - b.green)
    let blue = Double(a.blue - b.blue)
    return (2 + mean / 256) * red * red + 4 * green * green
      + (2 + (255 - mean) / 256) * blue * blue
  }

  /// The sRGB transfer curve for every channel value: ((x + 0.055) / 1.055) to the power of 2.4.
  private static let linear: [Double] = (0...255).map { value in
    let x = Double(value) / 255
    if x <= 0.04045 { return x / 12.92 }
    let base = (x + 0.055) / 1.055
    let root = fifthRoot(base)
    return base * base * root * root
  }

  /// By Newton's method (the standard library has none), for 0 to 1.
  private static func fifthRoot(_ value: Double) -> Double {
    let stepsMax = 40
    var root = 1.0
    for _ in 0..<stepsMax {
      root = (4 * root + value / (root * root * root * root)) / 5
    }
    return root
  }
}
