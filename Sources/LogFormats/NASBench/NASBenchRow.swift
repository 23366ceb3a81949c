import JSONText
import RunLog

/// One training of a cell in the published table of NAS-Bench-101 (Ying et al., ICML 2019): a row
/// `[hash, epochs, adjacency, operations, metrics]`, of which the metrics are a `ModelMetrics`
/// message in base64. Whether the hash is that of the cell is not looked at.
struct NASBenchRow {
  let hash: NASBenchHash
  /// That it was trained for at most: the budget.
  let epochs: Int
  /// V² digits 0 or 1, row by row.
  let adjacency: [UInt8]
  /// The names of V operations with commas between them, `input` first and `output` last.
  let operations: [UInt8]
  let parameters: Int
  let evaluation: NASBenchEvaluation

  var vertexCount: Int { Self.root(adjacency.count) ?? 0 }

  /// What is wrong with a row.
  struct Malformed: Error {
    let reason: String
  }

  /// The published table has seven.
  static let verticesMax = 16
  private static let operationSizeMax = 64

  init(_ payload: UnsafeRawBufferPointer) throws(Malformed) {
    if let fields = NASBenchFields(payload) {
      try self.init(
        hash: fields.hash, epochs: fields.epochs, adjacency: fields.adjacency,
        operations: fields.operations, metrics: fields.metrics)
    } else {
      try self.init(anyJSON: payload)
    }
  }

  /// The same row however its JSON is written.
  private init(anyJSON payload: UnsafeRawBufferPointer) throws(Malformed) {
    let fields: [JSONNode]
    do throws(JSONError) {
      fields = try JSONReader(options: .record).read(payload).array ?? []
    } catch { fields = [] }
    guard fields.count == 5, let hash = fields[0].string, let adjacency = fields[2].string,
      let operations = fields[3].string, let metrics = fields[4].string
    else { throw Malformed(reason: "it is no JSON array of a row's five fields") }
    guard let epochs = fields[1].integer else {
      throw Malformed(reason: "its epochs are no whole number")
    }
    var row: Result<Self, Malformed> = .failure(Malformed(reason: ""))
    Array(hash.utf8).withUnsafeBytes { hash in
      Array(adjacency.utf8).withUnsafeBytes { adjacency in
        Array(operations.utf8).withUnsafeBytes { operations in
          Array(metrics.utf8).withUnsafeBytes { metrics in
            row = Result { () throws(Malformed) in
              try Self(
                hash: hash, epochs: epochs, adjacency: adjacency, operations: operations,
                metrics: metrics)
            }
          }
        }
      }
    }
    self = try row.get()
  }

  private init(
    hash: UnsafeRawBufferPointer, epochs: Int64, adjacency: UnsafeRawBufferPointer,
    operations: UnsafeRawBufferPointer, metrics: UnsafeRawBufferPointer
  ) throws(Malformed) {
    guard let hash = NASBenchHash(hash) else {
      throw Malformed(reason: "its hash is not 32 hexadecimal digits")
    }
    let epochsMax: Int64 = 1_000_000
    guard 1...epochsMax ~= epochs else {
      throw Malformed(reason: "its epochs are not from 1 to \(epochsMax)")
    }
    let vertexCount = try Self.vertexCount(adjacency)
    guard Self.isOperations(operations, vertexCount: vertexCount) else {
      throw Malformed(reason: "its operations are not one for each vertex, from input to output")
    }
    let found = try Self.metrics(metrics)
    self.hash = hash
    self.epochs = Int(epochs)
    self.adjacency = Array(adjacency)
    self.operations = Array(operations)
    (parameters, evaluation) = (found.parameters, found.evaluation)
  }

  // MARK: The cell

  private static func root(_ count: Int) -> Int? {
    (2...verticesMax).first { $0 * $0 == count }
  }

  private static func vertexCount(_ adjacency: UnsafeRawBufferPointer) throws(Malformed) -> Int {
    guard let vertexCount = root(adjacency.count),
      adjacency.allSatisfy({ $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: "1") })
    else { throw Malformed(reason: "its adjacency is no square of at most 256 digits 0 or 1") }
    for (index, digit) in adjacency.enumerated()
    where digit == UInt8(ascii: "1") && index / vertexCount >= index % vertexCount {
      throw Malformed(reason: "its adjacency has an edge that leads back")
    }
    return vertexCount
  }

  private static func isOperations(_ text: UnsafeRawBufferPointer, vertexCount: Int) -> Bool {
    let comma = UInt8(ascii: ",")
    guard text.starts(with: "input,".utf8), text.suffix(7).elementsEqual(",output".utf8) else {
      return false
    }
    var (commas, size) = (0, 0)
    for byte in text {
      size = byte == comma ? 0 : size + 1
      if byte == comma { commas += 1 }
      guard byte >= UInt8(ascii: " "), size <= operationSizeMax else { return false }
    }
    return commas == vertexCount - 1
  }

  /// On one line for people: for each vertex from the second on its operation and, in brackets, the
  /// vertices that lead to it.
  var architecture: String {
    let names = operations.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    let count = vertexCount
    return (1..<count).map { vertex in
      let inputs = (0..<vertex).filter { adjacency[$0 * count + vertex] == UInt8(ascii: "1") }
      return Self.shortName(names[vertex])
        + "(\(inputs.map(String.init).joined(separator: ",")))"
    }.joined(separator: " ")
  }

  private static func shortName(_ name: ArraySlice<UInt8>) -> String {
    switch String(decoding: name, as: UTF8.self) {
    case "conv3x3-bn-relu": "3x3"
    case "conv1x1-bn-relu": "1x1"
    case "maxpool3x3": "pool"
    case "output": "out"
    case let other: other
    }
  }

  // MARK: Its metrics

  private static func metrics(
    _ text: UnsafeRawBufferPointer
  ) throws(Malformed) -> (parameters: Int, evaluation: NASBenchEvaluation) {
    let sizeMax = text.count / 4 * 3 + 3
    var result: Result<(parameters: Int, evaluation: NASBenchEvaluation), Malformed>?
    withUnsafeTemporaryAllocation(byteCount: sizeMax, alignment: 8) { room in
      result = Result { () throws(Malformed) in
        guard let count = Base64.decode(text, into: room) else {
          throw Malformed(reason: "its metrics are no base64")
        }
        return try message(UnsafeRawBufferPointer(rebasing: room[..<count]))
      }
    }
    guard let result else { throw Malformed(reason: "its metrics are no base64") }
    return try result.get()
  }

  /// `ModelMetrics`: 1 evaluations, 2 trainable parameters.
  private static func message(
    _ message: UnsafeRawBufferPointer
  ) throws(Malformed) -> (parameters: Int, evaluation: NASBenchEvaluation) {
    var (parameters, evaluations) = (0, 0)
    var last = NASBenchEvaluation()
    do throws(ProtobufReader.Malformed) {
      var fields = ProtobufReader(message)
      while let (field, value) = try fields.next() {
        if field == 1, let data = value.data {
          evaluations += 1
          // Before the training, at its half, at its end.
          if evaluations == 3 { last = try evaluation(data) }
        } else if field == 2, let number = value.integer {
          parameters = Int(number)
        }
      }
    } catch { throw Malformed(reason: "its metrics are no ModelMetrics message") }
    guard evaluations >= 3 else {
      throw Malformed(reason: "its metrics have fewer than three evaluations")
    }
    let accuracies = [last.validationAccuracy, last.testAccuracy, last.trainAccuracy]
    guard accuracies.allSatisfy({ 0...1 ~= $0 }) else {
      throw Malformed(reason: "an accuracy of it is not from 0 to 1")
    }
    guard last.trainingSeconds >= 0, last.trainingSeconds.isFinite, parameters >= 0 else {
      throw Malformed(reason: "its training time or its parameters are below 0")
    }
    return (parameters, last)
  }

  /// `EvaluationData`: 2 training time, 3 train, 4 validation and 5 test accuracy.
  private static func evaluation(
    _ message: UnsafeRawBufferPointer
  ) throws(ProtobufReader.Malformed) -> NASBenchEvaluation {
    var found = NASBenchEvaluation()
    var fields = ProtobufReader(message)
    while let (field, value) = try fields.next() {
      guard let number = value.double else { continue }
      switch field {
      case 2: found.trainingSeconds = number
      case 3: found.trainAccuracy = number
      case 4: found.validationAccuracy = number
      case 5: found.testAccuracy = number
      default: break
      }
    }
    return found
  }
}

/// What a cell of the published table reached at the end of its training.
public struct NASBenchEvaluation: Sendable, Equatable {
  /// 0 to 1.
  public internal(set) var validationAccuracy = 0.0
  public internal(set) var testAccuracy = 0.0
  public internal(set) var trainAccuracy = 0.0
  public internal(set) var trainingSeconds = 0.0
}
