@testable import Training

/// All that decides how a training goes on, short enough to be shown: a hash of the bits of every
/// tensor and mask, and the rest as text. Identifiers of commands are left out.
struct Fingerprint: Equatable {
  var tensors: [String: UInt64] = [:]
  var state: String

  init(_ session: TrainingSession) {
    for (name, tensor) in Checkpoint.tensors(of: session) {
      tensors[name] = Self.hash(tensor.buffer.lazy.map(\.bitPattern))
    }
    for parameter in session.network.prunableParameters {
      guard let mask = parameter.mask else { continue }
      tensors["mask." + parameter.name] = Self.hash(mask.buffer.lazy.map(\.bitPattern))
    }
    let state = session.state
    self.state = """
      step \(state.step) position \(state.position) scale \(state.learningRateScale) \
      updates \(session.optimizer.stepCount) \
      architecture \(session.learner.architecture?.stepCount ?? 0) \
      scheduled prunes \(state.scheduledPrunesDone) \
      changes \(state.changesAtStep) undo \(state.undoStack) best \(String(describing: state.best))
      """
  }

  /// What differs, in a line; empty when nothing does.
  func difference(from other: Fingerprint) -> String {
    let names = Set(tensors.keys).union(other.tensors.keys).sorted()
    let different = names.filter { tensors[$0] != other.tensors[$0] }
    let states = state == other.state ? [] : ["state: \(state) — expected: \(other.state)"]
    return (different + states).joined(separator: ", ")
  }

  /// FNV-1a.
  private static func hash(_ words: some Sequence<UInt32>) -> UInt64 {
    words.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
