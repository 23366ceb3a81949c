import JSONText
import NeuralNetwork
import RunLog

/// Pruning that goes on while the network learns: what was asked, and where it stands.
struct PruningInProgress: Equatable {
  var request: ControlCommand.PruneRequest
  /// The position of the training at which it began.
  var start: Int
  /// Updates that it takes.
  var length: Int
  /// Fraction of the weights that were gone when it began, and the network's size then.
  var before: Double
  var sizeBefore: JournalRecord.NetworkSize
  /// Of a method that goes in rounds.
  var round: Round?

  /// One training of several.
  struct Round: Equatable {
    /// 0: the first, before any cut.
    var number: Int
    /// How many cuts there are; fewer than the method plans when somebody ended it early.
    var last: Int
    /// The run's step at which it began.
    var startStep: Int
    /// Positions of this training; the schedule is stretched or compressed to them.
    var positions: Int
    /// The position that every training after the first begins at.
    var rewindPosition: Int
    /// True once the weights to go back to are kept.
    var hasRewindPoint: Bool
  }
}

extension PruningInProgress {
  var json: JSON {
    var result: JSON = [
      "request": ControlCommand.Request.prune(request).json, "start": .integer(Int64(start)),
      "length": .integer(Int64(length)), "before": .number(before),
      "parameters": .integer(sizeBefore.parameters), "flops": .integer(sizeBefore.flops),
    ]
    result["bytes"] = sizeBefore.bytes.map { .integer($0) }
    if let round {
      result["round"] = [
        "number": .integer(Int64(round.number)), "last": .integer(Int64(round.last)),
        "startStep": .integer(Int64(round.startStep)),
        "positions": .integer(Int64(round.positions)),
        "rewindPosition": .integer(Int64(round.rewindPosition)),
        "hasRewindPoint": .boolean(round.hasRewindPoint),
      ]
    }
    return result
  }

  /// nil when it is not what `json` writes.
  init?(_ node: JSONNode) {
    func integer(_ node: JSONNode, _ name: String) -> Int? {
      guard let value = node[name]?.integer, value >= 0 else { return nil }
      return Int(exactly: value)
    }
    guard let start = integer(node, "start"), let length = integer(node, "length"),
      let requestNode = node["request"], let request = Self.request(requestNode),
      let before = node["before"]?.double
    else { return nil }
    (self.request, self.start, self.length, self.before) = (request, start, length, before)
    sizeBefore = JournalRecord.NetworkSize(
      parameters: node["parameters"]?.integer ?? 0, flops: node["flops"]?.integer ?? 0,
      bytes: node["bytes"]?.integer)
    guard let round = node["round"] else { return }
    guard let number = integer(round, "number"), let last = integer(round, "last"),
      let startStep = integer(round, "startStep"), let positions = integer(round, "positions"),
      let rewindPosition = integer(round, "rewindPosition"),
      let hasRewindPoint = round["hasRewindPoint"]?.boolean, positions > 0
    else { return nil }
    self.round = Round(
      number: number, last: last, startStep: startStep, positions: positions,
      rewindPosition: rewindPosition, hasRewindPoint: hasRewindPoint)
  }

  private static func request(_ node: JSONNode) -> ControlCommand.PruneRequest? {
    do throws(ControlCommand.Request.Refusal) {
      guard case .prune(let request) = try ControlCommand.Request(node) else { return nil }
      return request
    } catch { return nil }
  }
}
