/// A colour in a space where equal distances look equally large: OKLab (Björn Ottosson, "A
/// perceptual color space for image processing", 2020). Lightness is 0 (black) to 1 (white).
struct OKLab: Equatable {
  /// 0 black to 1 white.
  var lightness: Double
  /// From green to red.
  var a: Double
  /// From blue to yellow.
  var b: Double

  /// A colour from its coordinates.
  init(lightness: Double, a: Double, b: Double) {
    self.lightness = lightness
    self.a = a
    self.b = b
  }

  /// Nil for the terminal's own default.
  init?(_ color: Color) {
    guard let parts = color.linearComponents else { return nil }
    self.init(linearRed: parts.red, green: parts.green, blue: parts.blue)
  }

  /// From linear light, 0 to 1 each.
  init(linearRed red: Double, green: Double, blue: Double) {
    let long = OKLab.cubeRoot(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    let medium = OKLab.cubeRoot(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    let short = OKLab.cubeRoot(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
  }

  /// How different two colours look; about 0.02 can just be told apart side by side.
  func distance(to other: OKLab) -> Double {
    let (deltaL, deltaA, deltaB) = (lightness - other.lightness, a - other.a, b - other.b)
    return (deltaL * deltaL + deltaA * deltaA + deltaB * deltaB).squareRoot()
  }

  /// A place on the straight line to another colour: `share` of 1 is the other one.
  func mixed(with other: OKLab, share: Double) -> OKLab {
    OKLab(
      lightness: lightness + (other.lightness - lightness) * share,
      a: a + (other.a - a) * share, b: b + (other.b - b) * share)
  }

  /// The colour of this lightness and hue; less vivid where a screen cannot show it so.
  var color: Color {
    var vividness = 1.0
    for _ in 0..<OKLab.gamutStepsMax where !scaled(vividness).isInGamut { vividness -= 0.05 }
    let light = scaled(vividness).linear
    return .rgb(
      Color.encoded(light.red), Color.encoded(light.green), Color.encoded(light.blue))
  }

  private static let gamutStepsMax = 20

  private func scaled(_ share: Double) -> OKLab {
    OKLab(lightness: min(max(lightness, 0), 1), a: a * share, b: b * share)
  }

  private var linear: (red: Double, green: Double, blue: Double) {
    func cubed(_ value: Double) -> Double { value * value * value }
    let long = cubed(lightness + 0.3963377774 * a + 0.2158037573 * b)
    let medium = cubed(lightness - 0.1055613458 * a - 0.0638541728 * b)
    let short = cubed(lightness - 0.0894841775 * a - 1.2914855480 * b)
    return (
      4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
      -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
      -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    )
  }

  private var isInGamut: Bool {
    let light = linear
    let shown = -0.001...1.001
    return shown.contains(light.red) && shown.contains(light.green) && shown.contains(light.blue)
  }

  /// By Newton's method (the standard library has none), from above, where it only falls.
  private static func cubeRoot(_ value: Double) -> Double {
    guard value > 0, value.isFinite else { return 0 }
    let stepsMax = 60
    var root = max(value, 1)
    for _ in 0..<stepsMax {
      let next = (2 * root + value / (root * root)) / 3
      if next >= root { break }
      root = next
    }
    return root
  }
}
