import Tensors

/// A data set of grey digits, 28 × 28, that the program draws itself: strokes of several hands,
/// bent by a smooth random field, turned, slanted, stretched and moved, written with pens of
/// different width and blackness on noisy paper with some dirt on it.
///
/// Image `i` and its label are a pure function of (seed, i), and the same bytes on every machine:
/// the arithmetic is + − × ÷ √ in Double, which IEEE 754 rounds alike everywhere, without fused
/// operations. By default indices below `trainingCountDefault` are for training, those that follow
/// for validation.
public struct Glyphs: Sendable {
  /// Pixels in a row and in a column; an image has side × side bytes.
  public static let side = 28
  /// The labels are 0..<classCount.
  public static let classCount = 10
  /// Images to train on; they come first.
  public static let trainingCountDefault = 10_000
  /// Images to validate on; they follow the training images.
  public static let validationCountDefault = 2_000

  /// Every block of this many images from index 0 on holds every digit equally often.
  static let labelBlockLength = 1_000
  /// Image i has the random stream i, so label blocks take theirs from here on.
  static let labelStreamFirst = 1 << 31

  private let seed: UInt64

  /// - Parameter seed: chooses the set; equal seeds give equal bytes.
  public init(seed: UInt64) {
    self.seed = seed
  }

  /// Draws some images and their labels. Threads may draw disjoint ranges at the same time.
  ///
  /// - Parameters:
  ///   - range: the images' indices, 0 ..< 2³¹.
  ///   - pixels: where the first image of the range goes; [range.count, 28, 28], row-major, 0 is
  ///     paper and 255 is ink.
  ///   - labels: where the first label of the range goes; [range.count].
  public func draw(
    _ range: Range<Int>, pixels: UnsafeMutablePointer<UInt8>, labels: UnsafeMutablePointer<UInt8>
  ) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= Self.labelStreamFirst,
      "an image's index is its random stream and has 31 bits")
    let pixelCount = Self.side * Self.side
    withUnsafeTemporaryAllocation(of: Double.self, capacity: pixelCount) { ink in
      guard let inkStart = ink.baseAddress else { return }
      var block = -1
      var blockLabels: [Int32] = []
      for index in range {
        if index / Self.labelBlockLength != block {
          block = index / Self.labelBlockLength
          blockLabels = shuffledLabels(block: block)
        }
        let label = Int(blockLabels[index % Self.labelBlockLength])
        let offset = index - range.lowerBound
        labels[offset] = UInt8(label)
        draw(index, label: label, ink: inkStart, pixels: pixels + offset * pixelCount)
      }
    }
  }

  private func shuffledLabels(block: Int) -> [Int32] {
    var random = RandomSource(
      seed: seed, purpose: .glyphs, index: UInt32(Self.labelStreamFirst + block))
    var labels = (0..<Self.labelBlockLength).map { Int32($0 % Self.classCount) }
    random.shuffle(&labels)
    return labels
  }

  private func draw(
    _ index: Int, label: Int, ink: UnsafeMutablePointer<Double>,
    pixels: UnsafeMutablePointer<UInt8>
  ) {
    var random = RandomSource(seed: seed, purpose: .glyphs, index: UInt32(index))
    let pixelCount = Self.side * Self.side
    ink.update(repeating: 0, count: pixelCount)
    let paper = InkedPaper(ink: ink, side: Self.side)

    let variants = GlyphStrokes.variants[label]
    let variant = variants[Int(random.integer(below: UInt32(variants.count)))]
    let hand = GlyphHand(side: Double(Self.side), random: &random)
    for stroke in variant.strokes {
      hand.write(stroke, on: paper, random: &random)
    }
    if random.uniform() < Distortion.dirtProbability {
      hand.scratch(paper, random: &random)
    }

    let blackness = random.uniform(in: Distortion.blackness)
    let noise = random.uniform(in: Distortion.noise)
    for pixel in 0..<pixelCount {
      let grey = blackness * ink[pixel] + noise * random.fourByteBell()
      pixels[pixel] = UInt8(max(0, min(1, grey)) * 255 + 0.5)
    }
  }
}

/// How far the digits are distorted. The values were chosen by measurement, so that a linear
/// classifier cannot solve the set and a small network can: of the validation images, softmax
/// regression gets 85 to 90 % right and LeNet-300-100 98 to 99 %. The shift is what linear
/// classifiers cannot follow; jitter and elastic field are what 10,000 examples cannot cover.
private enum Distortion {
  /// Standard deviation of a control point, of the digit's height.
  static let jitter = 0.019
  /// Standard deviation of the elastic field at its knots, of the digit's height.
  static let elastic = 0.052
  /// The digit's height, of the image's side.
  static let height = 0.6...0.72
  /// Width : height, times the drawn digit's.
  static let aspect = 0.75...1.1
  /// Standard deviation of the tangent of half the angle: 0.07 is 8°.
  static let halfTurn = 0.07
  /// Standard deviation of the horizontal shift per unit of height.
  static let slant = 0.14
  /// Of the digit from the middle of the image, along each axis, in pixels.
  static let shift = -2.8...2.8
  /// Half the pen's width, in pixels.
  static let penRadius = 0.85...1.7
  /// How far the pen's radius strays along a stroke, of the radius.
  static let pressure = 0.3
  /// Pixels from full ink to bare paper across a stroke's edge.
  static let edge = 0.9...1.8
  /// The grey of full ink, 1 is black.
  static let blackness = 0.55...1.0
  /// Standard deviation of the noise, of full blackness.
  static let noise = 0.02...0.07
  /// Images with a scratch beside or across the digit.
  static let dirtProbability = 0.2
  /// Half a scratch's width, and how far it goes along each axis, in pixels.
  static let dirtRadius = 0.4...0.8
  static let dirtLength = 7.0
}

extension RandomSource {
  /// Mean 0, standard deviation 1, bell-shaped: the sum of four uniform numbers, at most 2√3.
  mutating func bell() -> Double {
    let sum = uniform() + uniform() + uniform() + uniform()
    return (sum - 2) * (3.0).squareRoot()
  }

  /// As `bell`, from the four bytes of one number: coarser and four times cheaper.
  fileprivate mutating func fourByteBell() -> Double {
    let bits = next()
    let pairs = (bits & 0x00FF_00FF) + ((bits >> 8) & 0x00FF_00FF)
    let sum = (pairs & 0xFFFF) + (pairs >> 16)
    // The sum of four uniform bytes has mean 510 and variance 4 (256² − 1) / 12 = 21845.
    return (Double(sum) - 510) / (21845.0).squareRoot()
  }
}

/// Ink between 0 and 1 on a square of pixels; pixel (column, row) has its centre at that point.
private struct InkedPaper {
  let ink: UnsafeMutablePointer<Double>
  let side: Int

  /// Draws a straight piece of a stroke with round ends; ink does not add up where pieces overlap.
  func drawSegment(from a: PenPoint, to b: PenPoint, edge: Double) {
    let reach = max(a.z, b.z) + edge / 2
    let columns = pixels(from: min(a.x, b.x) - reach, to: max(a.x, b.x) + reach)
    let rows = pixels(from: min(a.y, b.y) - reach, to: max(a.y, b.y) + reach)
    let (dx, dy) = (b.x - a.x, b.y - a.y)
    let lengthSquared = dx * dx + dy * dy
    let perLengthSquared = lengthSquared > 0 ? 1 / lengthSquared : 0
    let perEdge = 1 / edge
    for row in rows {
      let y = Double(row) - a.y
      for column in columns {
        let x = Double(column) - a.x
        let along = max(0, min(1, (x * dx + y * dy) * perLengthSquared))
        let (awayX, awayY) = (x - along * dx, y - along * dy)
        let distance = (awayX * awayX + awayY * awayY).squareRoot()
        let radius = a.z + along * (b.z - a.z)
        let coverage = (radius - distance) * perEdge + 0.5
        let pixel = row * side + column
        ink[pixel] = max(ink[pixel], min(1, coverage))
      }
    }
  }

  /// The pixels whose centres may lie between two coordinates, cut off at the paper's edge.
  private func pixels(from low: Double, to high: Double) -> Range<Int> {
    let limit = Double(side)
    let first = Int(max(0, min(limit, low)))
    let last = Int(max(-1, min(limit - 1, high)))
    return first..<max(first, last + 1)
  }
}

/// Where the pen is (x, y) and half the width of its line (z), in pixels.
private typealias PenPoint = SIMD3<Double>

/// One hand's way to write one digit: the same distortion for all of its strokes.
private struct GlyphHand {
  /// Knots of the elastic field in a row and in a column.
  private static let knotsPerSide = 6
  /// The field's knots span the digit's square and this much of its side around it.
  private static let fieldMargin = 0.25
  /// Straight pieces per Bézier arc, each about two pixels long.
  private static let piecesPerArc = 5

  private let field: [SIMD2<Double>]
  /// The images of the digit's unit vectors, in pixels.
  private let across: SIMD2<Double>
  private let down: SIMD2<Double>
  private let centre: SIMD2<Double>
  private let penRadius: Double
  private let edge: Double

  /// - Parameter side: of the square paper, in pixels.
  init(side: Double, random: inout RandomSource) {
    field = (0..<Self.knotsPerSide * Self.knotsPerSide).map { _ in
      SIMD2(random.bell() * Distortion.elastic, random.bell() * Distortion.elastic)
    }
    let height = side * random.uniform(in: Distortion.height)
    let width = height * random.uniform(in: Distortion.aspect)
    let slant = Distortion.slant * random.bell()
    // Every rotation but the half turn, without sine and cosine.
    let t = Distortion.halfTurn * random.bell()
    let cosine = (1 - t * t) / (1 + t * t)
    let sine = 2 * t / (1 + t * t)
    across = SIMD2(cosine, sine) * width
    down = SIMD2(-sine, cosine) * height - across * slant
    let middle = (side - 1) / 2
    centre = SIMD2(
      middle + random.uniform(in: Distortion.shift), middle + random.uniform(in: Distortion.shift))
    penRadius = random.uniform(in: Distortion.penRadius)
    edge = random.uniform(in: Distortion.edge)
  }

  /// Writes a stroke: a control polygon as in `GlyphStrokes`. Between its ends the spline meets
  /// the middles of the polygon's sides.
  func write(_ stroke: [SIMD2<Double>], on paper: InkedPaper, random: inout RandomSource) {
    var template = stroke[0]
    var start = distorted(template, random: &random)
    var control = start
    for index in 1..<stroke.count {
      // A corner's two points must stay one.
      var next = control
      if stroke[index] != template {
        template = stroke[index]
        next = distorted(template, random: &random)
      }
      if index == 1 {
        control = next
        continue
      }
      let isLast = index == stroke.count - 1
      let end = isLast ? next : (control + next) * 0.5
      drawArc(from: start, control: control, to: end, on: paper)
      start = end
      control = next
    }
  }

  /// Draws a short straight line anywhere, with a thin pen: dirt.
  func scratch(_ paper: InkedPaper, random: inout RandomSource) {
    let side = Double(paper.side)
    let radius = random.uniform(in: Distortion.dirtRadius)
    let x = random.uniform(in: 0...side)
    let y = random.uniform(in: 0...side)
    let length = Distortion.dirtLength
    let a = PenPoint(x, y, radius)
    let b = PenPoint(
      x + random.uniform(in: -length...length), y + random.uniform(in: -length...length), radius)
    paper.drawSegment(from: a, to: b, edge: edge)
  }

  private func drawArc(
    from start: PenPoint, control: PenPoint, to end: PenPoint, on paper: InkedPaper
  ) {
    var previous = start
    for piece in 1...Self.piecesPerArc {
      let t = Double(piece) / Double(Self.piecesPerArc)
      let first = start + (control - start) * t
      let second = control + (end - control) * t
      let point = first + (second - first) * t
      paper.drawSegment(from: previous, to: point, edge: edge)
      previous = point
    }
  }

  /// Takes a control point from the digit's square of 100 × 100 to the paper.
  private func distorted(_ point: SIMD2<Double>, random: inout RandomSource) -> PenPoint {
    let inSquare = point / 100
    let jitter = SIMD2(random.bell(), random.bell()) * Distortion.jitter
    let moved = inSquare + jitter + elasticDisplacement(at: inSquare) - 0.5
    let place = centre + across * moved.x + down * moved.y
    let radius = penRadius * (1 + Distortion.pressure * random.uniform(in: -1...1))
    return PenPoint(place.x, place.y, radius)
  }

  /// The field at a point of the unit square: a uniform quadratic B-spline in both directions.
  private func elasticDisplacement(at point: SIMD2<Double>) -> SIMD2<Double> {
    let cells = Double(Self.knotsPerSide - 2)
    let scaled = (point + Self.fieldMargin) / (1 + 2 * Self.fieldMargin) * cells
    let (column, columnWeights) = splineWeights(at: scaled.x)
    let (row, rowWeights) = splineWeights(at: scaled.y)
    var sum = SIMD2<Double>()
    for j in 0..<3 {
      for i in 0..<3 {
        let knot = field[(row + j) * Self.knotsPerSide + column + i]
        sum += knot * (rowWeights[j] * columnWeights[i])
      }
    }
    return sum
  }

  /// The first of three knots that count at a position, and the three's weights.
  private func splineWeights(at position: Double) -> (knot: Int, weights: SIMD3<Double>) {
    let knot = max(0, min(Self.knotsPerSide - 3, Int(position)))
    let u = position - Double(knot)
    return (knot, SIMD3((1 - u) * (1 - u) / 2, 0.5 + u - u * u, u * u / 2))
  }
}
