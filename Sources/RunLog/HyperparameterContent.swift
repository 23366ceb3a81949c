import JSONText

/// What the records of TensorBoard's HParams page tell.
struct HyperparameterContent {
  private(set) var event: RunEvent?

  init(_ content: UnsafeRawBufferPointer) throws(ProtobufReader.Malformed) {
    var hyperparameters: [Hyperparameter] = []
    var reader = ProtobufReader(content)
    while let (field, value) = try reader.next() {
      guard let part = value.data else { continue }
      var fields = ProtobufReader(part)
      switch field {
      case 3:
        while let (field, value) = try fields.next() {
          guard field == 1, let entry = value.data else { continue }
          if let one = try Self.hyperparameter(entry) { hyperparameters.append(one) }
        }
      case 4:
        while let (field, value) = try fields.next() {
          if field == 1 { event = Self.outcome(value.integer).map { .outcome($0) } }
        }
      default: continue
      }
    }
    if !hyperparameters.isEmpty { event = .hyperparameters(hyperparameters) }
  }

  /// SessionEndInfo.status.
  private static func outcome(_ status: Int64?) -> Outcome? {
    switch status {
    case 1: .finished
    case 2: .failed
    case 3: .running
    default: nil
    }
  }

  private static func hyperparameter(
    _ entry: UnsafeRawBufferPointer
  ) throws(ProtobufReader.Malformed) -> Hyperparameter? {
    var name = ""
    var result: JSON?
    var reader = ProtobufReader(entry)
    while let (field, value) = try reader.next() {
      if field == 1 { name = value.string ?? name }
      guard field == 2, let data = value.data else { continue }
      var fields = ProtobufReader(data)
      while let (field, value) = try fields.next() {
        switch field {
        case 2: result = value.double.map { .number($0) }
        case 3: result = value.string.map { .string($0) }
        case 4: result = value.integer.map { .boolean($0 != 0) }
        default: break
        }
      }
    }
    return result.map { Hyperparameter(name: name, value: $0) }
  }
}
