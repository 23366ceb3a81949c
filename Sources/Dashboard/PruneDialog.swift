import RunLog
import RunModel
import TerminalUI

/// A prune in the making: method, target and scope are chosen, its effect on each layer is
/// previewed, then it is confirmed.
public struct PruneDialog: Sendable, Equatable {
  /// What the run declares; the one that was used last comes first. Never empty.
  public var methods: [RunManifest.PruningMethod]
  /// The chosen one, by its index.
  public var methodIndex = 0
  /// The beginning of a method's name as it is typed.
  var typedName = ""
  /// The target, and behind it settings of the method.
  public var field: TextField
  /// Never empty.
  public var scopes: [Scope]
  public var scopeIndex = 0
  public var focus = Focus.target
  public var problem: String?
  public var stage = Stage.typing

  public enum Scope: Sendable, Equatable {
    case all
    case layer(String)
    case marked([String])

    /// nil: all together.
    var layers: [String]? {
      switch self {
      case .all: nil
      case .layer(let name): [name]
      case .marked(let names): names
      }
    }
  }

  public enum Focus: CaseIterable, Sendable { case method, target, scope }

  public enum Stage: Sendable, Equatable {
    case typing
    /// The preview with that command's id was asked for.
    case asking(id: String, request: ControlCommand.PruneRequest)
    case previewed(JournalRecord.Answer, request: ControlCommand.PruneRequest, firstLine: Int)
  }

  /// - Parameter text: the target that is proposed.
  init(_ run: Run, _ state: DashboardState, text: String = "0.8") {
    let declared = run.manifest?.pruningMethods ?? []
    let known = declared.isEmpty ? [.init(name: PruneText.usualMethod)] : declared
    let last = known.firstIndex { $0.name == state.pruningMethod }
    methods = last.map { [known[$0]] + known[..<$0] + known[($0 + 1)...] } ?? known
    field = TextField(text, isProposal: true)
    scopes = [.all]
    guard run.manifest?.prunesSingleLayers ?? true else { return }
    let layers = run.manifest?.layers ?? []
    func hasWeights(_ name: String) -> Bool {
      layers.isEmpty || layers.contains { $0.name == name && !$0.shape.isEmpty }
    }
    if let layer = LayersView.chosenLayer(state), hasWeights(layer) {
      scopes.append(.layer(layer))
    }
    let marked = LayersView.markedLayers(run, state).filter(hasWeights)
    if !marked.isEmpty { scopes.append(.marked(marked)) }
  }

  var method: RunManifest.PruningMethod { methods[methodIndex] }
  var scope: Scope { scopes[scopeIndex] }

  /// What the dialog asks for; nil while there is no target.
  var request: ControlCommand.PruneRequest? {
    guard var typed = PruneText(field.text) else { return nil }
    typed.method = typed.method ?? method.name
    typed.layers = typed.layers ?? scope.layers
    return typed.request(isPreview: true)
  }

  /// Chooses the method of a name, if it is among them.
  mutating func choose(_ name: String?) {
    methodIndex = methods.firstIndex { $0.name == name } ?? methodIndex
  }
}
