import JSONText
import RunLog

extension ControlCommand.Request {
  /// The command that an answer repeats; nil when it is none that this version knows.
  init?(_ json: JSON) {
    do throws(Refusal) { try self.init(JSONNode(json)) } catch { return nil }
  }
}

extension JSONNode {
  /// A value that was not read from a text; all of it stands at the beginning.
  fileprivate init(_ json: JSON) {
    let place = JSONPosition(line: 1, column: 1, offset: 0)
    let kind: Kind =
      switch json {
      case .null: .null
      case .boolean(let value): .boolean(value)
      case .integer(let value): .integer(value)
      case .number(let value): .number(value)
      case .string(let value): .string(value)
      case .array(let values): .array(values.map { JSONNode($0) })
      case .object(let members):
        .object(
          members.map {
            Member(name: $0.name, namePosition: place, node: JSONNode($0.value))
          })
      }
    self.init(kind: kind, position: place)
  }
}
