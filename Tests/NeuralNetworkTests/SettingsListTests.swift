import Testing

@testable import NeuralNetwork

struct SettingsListTests {
  private func settings(_ type: any Settable.Type) throws -> [SettingsList.Setting] {
    let list = SettingsList()
    _ = try type.init(list)
    return list.settings
  }

  @Test func tellsWhatAConvolutionCanBeSetTo() throws {
    let found = try settings(Convolution.self)
    #expect(
      found.first
        == .init(
          name: "channels", allowed: "an integer from 1 to 65536", fallback: nil))
    #expect(
      found.contains(
        .init(
          name: "kernel", allowed: "1 to 2 integers from 1 to 1024", fallback: "3")))
    #expect(found.contains(.init(name: "bias", allowed: "true or false", fallback: "true")))
  }

  @Test func tellsWhatACellCanBeSetTo() throws {
    let found = try settings(Cell.self)
    #expect(found.first == .init(name: "adjacency", allowed: "a string", fallback: nil))
    #expect(
      found.contains(
        .init(
          name: "operations", allowed: "0 to 5 out of conv3x3, conv1x1, maxPool3x3", fallback: "[]"
        )))
  }

  /// Every kind can be asked, whatever it needs.
  @Test func everyKindTellsItsSettings() throws {
    let kinds: [any Settable.Type] =
      LayerCatalogue.all.map { $0 } + LossCatalogue.all.map { $0 }
      + OptimizerCatalogue.all.map { $0 } + LearningRateScheduleCatalogue.all.map { $0 }
    for kind in kinds {
      let found = try settings(kind)
      #expect(Set(found.map(\.name)).count == found.count, "\(kind.kind)")
      #expect(found.allSatisfy { !$0.allowed.isEmpty }, "\(kind.kind)")
    }
    for optimizer in OptimizerCatalogue.all {
      #expect(try settings(optimizer).contains { $0.name == "learningRate" })
    }
  }
}
