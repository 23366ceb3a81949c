import Tensors
import Testing

@testable import NeuralNetwork

/// Every method that decides at once keeps these laws.
struct OneShotPruningTests {
  static let methods = PruningCatalogue.all.compactMap { $0 as? any OneShotPruning.Type }
  /// All methods can reach these: also those that keep two of every four.
  private static let targets = [0.25, 0.5, 0.75]

  /// A number of removed things that a target may differ by: methods that count in small parts
  /// round in each.
  private func parts(_ decision: PruningDecision<Float>, _ network: PrunedNetwork) -> Int {
    network.network.weights.reduce(1) { $0 + ($1.parameter.value.shape.first ?? 1) }
  }

  @Test(arguments: methods, targets)
  func masksReachTheTarget(type: any OneShotPruning.Type, target: Double) throws {
    guard type.unit == .weights else { return }
    for fixture in try PrunedNetwork.all() {
      let method = try type.init(GivenSettings())
      let decision = try method.decide(fixture.task(target))
      #expect(decision.removed.isEmpty)
      for (name, mask) in decision.masks {
        let parameter = try #require(fixture.network.parameters.first { $0.name == name })
        #expect(mask.shape == parameter.value.shape)
        #expect(mask.array.allSatisfy { $0 == 0 || $0 == 1 })
      }
      fixture.apply(decision)
      let size = fixture.network.weights.reduce(0) { $0 + $1.parameter.value.count }
      let zeros = fixture.network.weights.reduce(0) { $0 + $1.parameter.prunedCount }
      let expected = size - Int(((1 - target) * Double(size)).rounded())
      let isExact = (method as? any WeightPruning).map { !$0.isPerLayer } ?? false
      #expect(
        isExact ? zeros == expected : abs(zeros - expected) <= parts(decision, fixture),
        "\(type.kind) \(zeros) of \(expected)")
    }
  }

  @Test(arguments: methods, targets)
  func channelsReachTheTarget(type: any OneShotPruning.Type, target: Double) throws {
    guard type.unit == .channels else { return }
    for fixture in try PrunedNetwork.all() {
      let method = try type.init(GivenSettings())
      guard let decision = fixture.decide(method, target) else { continue }
      #expect(decision.masks.isEmpty)
      #expect(Set(decision.removed).count == decision.removed.count)
      let cut = ChannelCut(fixture.graph, removing: decision.removed)
      let total = fixture.graph.channelCount
      let expected = Double(total) * target
      // Each group rounds for itself.
      #expect(
        abs(Double(cut.removedCount) - expected) <= Double(fixture.graph.groups.count) * 0.5 + 0.5
          || fixture.countsParameters(cut, target), "\(type.kind) \(cut.removedCount) of \(total)")
      for (name, value) in decision.values {
        let parameter = try #require(fixture.network.parameters.first { $0.name == name })
        #expect(value.shape == parameter.value.shape)
        #expect(value.array.allSatisfy { $0.isFinite })
      }
    }
  }

  @Test(arguments: methods)
  func whatIsGoneStaysGone(type: any OneShotPruning.Type) throws {
    guard type.unit == .weights else { return }
    for fixture in try PrunedNetwork.all() {
      let method = try type.init(GivenSettings())
      var earlier: [String: [Float]] = [:]
      for target in Self.targets {
        fixture.apply(try method.decide(fixture.task(target)))
        for (name, parameter) in fixture.network.weights {
          let mask = parameter.mask?.array ?? Array(repeating: 1, count: parameter.value.count)
          if let old = earlier[name] {
            #expect(zip(old, mask).allSatisfy { $0 != 0 || $1 == 0 }, "\(type.kind)")
          }
          earlier[name] = mask
        }
      }
      // Less than there is already.
      #expect(throws: PruningRefusal.self) { try method.decide(fixture.task(0.25)) }
    }
  }

  @Test(arguments: methods)
  func isDeterministicAndChangesNothing(type: any OneShotPruning.Type) throws {
    for fixture in try PrunedNetwork.all() {
      let method = try type.init(GivenSettings())
      let before = fixture.bits
      let first = fixture.decide(method, 0.5)
      let second = fixture.decide(method, 0.5)
      #expect(fixture.bits == before, "\(type.kind)")
      #expect(first?.removed == second?.removed)
      #expect(first?.masks.mapValues { $0.bits } == second?.masks.mapValues(\.bits))
      #expect(first?.values.mapValues { $0.bits } == second?.values.mapValues(\.bits))
    }
  }

  @Test(arguments: methods)
  func onlyTheLayersInScopeAreCut(type: any OneShotPruning.Type) throws {
    for fixture in try PrunedNetwork.all() {
      let method = try type.init(GivenSettings())
      let layer = fixture.graph.groups[0].name
      guard let decision = fixture.decide(method, 0.5, layers: [layer]) else { continue }
      #expect(decision.masks.keys.allSatisfy { $0 == "\(layer).weight" }, "\(type.kind)")
      #expect(decision.removed.allSatisfy { fixture.graph.groupOfChannel[$0] == 0 })
      #expect(!decision.isEmpty)
    }
  }

  @Test(arguments: methods)
  func badNumbersDoNotHarm(type: any OneShotPruning.Type) throws {
    for bad in [Float.nan, .infinity, -.infinity, 0] {
      for fixture in try PrunedNetwork.all() {
        for parameter in fixture.network.parameters {
          for index in 0..<parameter.value.count where index % 3 == 0 {
            parameter.value[index] = bad
          }
        }
        let method = try type.init(GivenSettings())
        guard let decision = fixture.decide(method, 0.75) else { continue }
        #expect(decision.masks.values.allSatisfy { $0.array.allSatisfy { $0 == 0 || $0 == 1 } })
        #expect(Set(decision.removed).count == decision.removed.count)
      }
    }
  }

  /// In every layer one channel stays, whatever is asked for.
  @Test(arguments: methods)
  func noLayerIsEmptied(type: any OneShotPruning.Type) throws {
    guard type.unit == .channels else { return }
    for fixture in try PrunedNetwork.all() {
      let method = try type.init(GivenSettings())
      guard let decision = fixture.decide(method, 0.99) else { continue }
      let cut = ChannelCut(fixture.graph, removing: decision.removed)
      #expect(fixture.graph.groups.allSatisfy { $0.channels.contains { cut.stays($0) } })
    }
  }
}
