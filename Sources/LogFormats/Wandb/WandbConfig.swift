import JSONText
import RunLog

/// The configuration of a W&B run, which comes in updates.
struct WandbConfig: Sendable {
  private(set) var hyperparameters: [Hyperparameter] = []

  private static let hyperparametersMax = 10_000

  /// Takes a ConfigRecord; false when nothing changed.
  mutating func take(_ message: UnsafeRawBufferPointer) throws(ProtobufReader.Malformed) -> Bool {
    let before = hyperparameters
    var reader = ProtobufReader(message)
    while let (field, value) = try reader.next() {
      guard let data = value.data, field == 1 || field == 2 else { continue }
      let item = try WandbItem(data)
      guard item.path.first?.hasPrefix("_") == false else { continue }
      remove(item.name)
      guard field == 1, let node = item.value else { continue }
      let new = LoggedValue.hyperparameters(
        in: node, named: item.name, separator: WandbItem.separator)
      hyperparameters += new.prefix(max(0, Self.hyperparametersMax - hyperparameters.count))
    }
    return hyperparameters != before
  }

  private mutating func remove(_ name: String) {
    let inner = name + WandbItem.separator
    hyperparameters.removeAll { $0.name == name || $0.name.hasPrefix(inner) }
  }
}
