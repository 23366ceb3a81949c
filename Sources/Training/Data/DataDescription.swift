import JSONText
import OperatingSystem

/// Where an experiment's samples come from.
public struct DataDescription: Sendable, Equatable {
  public enum Source: Sendable, Equatable {
    /// Drawn by the program.
    case glyphs(seed: UInt64, training: Int, validation: Int)
    /// Absolute paths of IDX files, plain or gzipped.
    case idx(images: String, labels: String)
  }
  public var source: Source
  /// The last part of a file's samples, in file order, that is kept for validation.
  public var validationFraction: Double
  /// Where the files are named, for messages.
  var place: String

  init(_ root: ExperimentObject) throws {
    let object = try root.object("data")
    let kind = try object.choice("kind", of: ["glyphs", "idx"], default: "glyphs")
    place = root.text.place(of: "data", object.position)
    switch kind {
    case "idx":
      let images = Self.absolute(
        try object.string("images", default: nil), root.text.directory(of: "data.images"))
      let labels = Self.absolute(
        try object.string("labels", default: nil), root.text.directory(of: "data.labels"))
      object.record("images", .string(images))
      object.record("labels", .string(labels))
      source = .idx(images: images, labels: labels)
      validationFraction = try object.number("validationFraction", in: 0.001...0.9, default: 0.2)
    default:
      let training = try object.integer(
        "trainingCount", in: 1...10_000_000, default: Glyphs.trainingCountDefault)
      let validation = try object.integer(
        "validationCount", in: 1...1_000_000, default: Glyphs.validationCountDefault)
      let seed = try object.integer("seed", in: 0...Int.max, default: 1)
      source = .glyphs(seed: UInt64(seed), training: training, validation: validation)
      validationFraction = Double(validation) / Double(training + validation)
    }
    try object.finish()
    root.record("data", object.resolved)
  }

  private static func absolute(_ path: String, _ directory: String) -> String {
    let joined = directory == "." ? path : Path.join(directory, path)
    return Path.join(Environment.currentDirectory, joined)
  }
}
