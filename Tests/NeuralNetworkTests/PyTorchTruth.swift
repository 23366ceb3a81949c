import JSONText
import OperatingSystem
import TestSupport
import Testing

@testable import NeuralNetwork

/// What PyTorch computes in double precision, recorded by `Truth/make_truth.py`.
enum PyTorchTruth {
  /// One recorded case, named by what it describes.
  struct Case: Sendable, CustomTestStringConvertible {
    let json: JSON
    let testDescription: String

    func numbers(_ name: String) throws -> [Double] {
      try #require(json[name]).numbers
    }

    func integer(_ name: String) throws -> Int {
      Int(try #require(json[name]?.integer))
    }

    func shape(_ name: String) throws -> [Int] {
      try numbers(name).map { Int($0) }
    }

    /// The lists of numbers in an object.
    func named(_ name: String) throws -> [String: [Double]] {
      try #require(json[name]).namedNumbers
    }

    func settings(_ name: String) throws -> JSONSettings {
      JSONSettings(try #require(json[name]))
    }
  }

  static let file: JSON = {
    do {
      let path = Repository.path("Tests/NeuralNetworkTests/Truth/pytorch.json")
      let bytes = try LocalFileSystem().contents(of: path, limit: 1 << 22)
      return try JSONReader().read(bytes).json
    } catch {
      Issue.record("pytorch.json: \(error)")
      return nil
    }
  }()

  static let layers = cases(file["layers"], named: ["layer", "inputShape", "rows", "lengths"])
  static let losses = cases(file["losses"], named: ["loss", "outputShape", "rows"])
  static let optimizers = cases(
    file["optimizers"]?["cases"], named: ["optimizer", "gradientClipping", "weightAverage"])
  static let schedules = cases(file["schedules"], named: ["schedule", "epochs"])
  static let networks = cases(file["networks"], named: ["name"])

  private static func cases(_ list: JSON?, named names: [String]) -> [Case] {
    (list?.array ?? []).map { json in
      let parts = names.compactMap { name in json[name].map { "\(name) \($0.text())" } }
      return Case(json: json, testDescription: parts.joined(separator: ", "))
    }
  }
}

extension JSON {
  var numbers: [Double] { (array ?? []).compactMap(\.double) }

  var namedNumbers: [String: [Double]] {
    Dictionary(
      (members ?? []).map { ($0.name, $0.value.numbers) }, uniquingKeysWith: { $1 })
  }
}
