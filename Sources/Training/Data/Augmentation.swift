import Tensors

/// Random changes of training images, which do not change what they show.
///
/// What happens to a sample in an epoch is a pure function of the seed, the epoch and the sample's
/// number.
struct Augmentation: Sendable, Equatable {
  /// At most so many pixels along each axis, filled up with 0.
  var shift = 0
  /// Left and right change places in every other image.
  var isFlipped = false
  /// So many pixels of 0 are put around the image, and a piece of its size is cut out: the recipe
  /// of CIFAR-10 (He et al. 2016, section 4.2). The same as a shift.
  var crop = 0
  /// The side of a square that is set to the mean; its middle is anywhere in the image (DeVries,
  /// Taylor 2017).
  var cutout = 0

  private static let pixelsMax = 4_096

  init() {}

  init(_ data: ExperimentObject) throws {
    let object = try data.object("augmentation")
    shift = try object.integer("shift", in: 0...Self.pixelsMax, default: 0)
    isFlipped = try object.flag("flip", default: false)
    crop = try object.integer("crop", in: 0...Self.pixelsMax, default: 0)
    cutout = try object.integer("cutout", in: 0...Self.pixelsMax, default: 0)
    try object.finish()
    data.record("augmentation", object.resolved)
  }

  /// Why samples of a shape cannot be augmented so; nil when they can.
  func mistake(sampleShape: [Int], isImage: Bool) -> String? {
    guard isImage, sampleShape.count >= 2 else {
      return "is for images, these samples are \(sampleShape)"
    }
    let side = min(sampleShape[0], sampleShape[1])
    if shift + crop >= side {
      return "a shift and crop of \(shift + crop) pixels may leave nothing of images of "
        + "\(sampleShape)"
    }
    return cutout > side ? "a cutout of \(cutout) pixels is larger than \(sampleShape)" : nil
  }

  /// What happens to one image.
  struct Change: Equatable {
    /// The pixel of the image that comes to row 0, and to column 0.
    var row = 0
    var column = 0
    var isFlipped = false
    /// Of the square's middle; nil: there is none.
    var cutoutRow: Int?
    var cutoutColumn: Int?
  }

  func change(height: Int, width: Int, _ random: inout RandomSource) -> Change {
    var change = Change()
    for reach in [shift, crop] where reach > 0 {
      change.row += Int(random.integer(below: UInt32(2 * reach + 1))) - reach
      change.column += Int(random.integer(below: UInt32(2 * reach + 1))) - reach
    }
    if isFlipped { change.isFlipped = random.next() & 1 == 1 }
    if cutout > 0 {
      change.cutoutRow = Int(random.integer(below: UInt32(height)))
      change.cutoutColumn = Int(random.integer(below: UInt32(width)))
    }
    return change
  }
}
