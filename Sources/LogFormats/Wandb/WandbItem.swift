import JSONText
import RunLog

/// A name and a JSON value, as W&B keeps history, summary and configuration.
struct WandbItem {
  /// The names that lead to it.
  let path: [String]
  private let json: UnsafeRawBufferPointer

  /// W&B's own convention for names of nested values.
  static let separator = "."
  private static let pathLengthMax = 64

  init(_ message: UnsafeRawBufferPointer) throws(ProtobufReader.Malformed) {
    var key = ""
    var nested: [String] = []
    var json = UnsafeRawBufferPointer(start: nil, count: 0)
    var reader = ProtobufReader(message)
    while let (field, value) = try reader.next() {
      switch field {
      case 1: key = value.string ?? key
      case 2: if nested.count < Self.pathLengthMax, let name = value.string { nested.append(name) }
      case 16: json = value.data ?? json
      default: continue
      }
    }
    path = nested.isEmpty ? [key] : nested
    self.json = json
  }

  var name: String { path.count == 1 ? path[0] : path.joined(separator: Self.separator) }

  /// nil when it is no JSON.
  var value: JSONNode? {
    do { return try JSONReader(options: .record).read(json) } catch { return nil }
  }
}

/// What was logged at one step.
struct WandbHistory {
  private(set) var step: Int64?
  /// Seconds since 1970.
  private(set) var wallTime: Double?
  private(set) var numbers: [(tag: String, value: Double)] = []
  /// Values that are no JSON.
  private(set) var brokenCount = 0

  init(_ message: UnsafeRawBufferPointer) throws(ProtobufReader.Malformed) {
    var items: [WandbItem] = []
    var ownStep: Int64?
    var reader = ProtobufReader(message)
    while let (field, value) = try reader.next() {
      guard let data = value.data else { continue }
      if field == 1 { items.append(try WandbItem(data)) }
      guard field == 2 else { continue }
      ownStep = 0
      var fields = ProtobufReader(data)
      while let (field, value) = try fields.next() {
        if field == 1 { ownStep = value.integer ?? ownStep }
      }
    }
    let media = Self.media(items)
    for item in items {
      if !media.isEmpty, Self.isPart(item.path, of: media) { continue }
      take(item)
    }
    step = ownStep ?? step
  }

  private mutating func take(_ item: WandbItem) {
    guard let node = item.value else {
      brokenCount += 1
      return
    }
    let name = item.name
    switch name {
    case "_step": step = node.integer
    case "_timestamp": if let seconds = node.double, seconds.isFinite { wallTime = seconds }
    case "_runtime", "_wandb": break
    default: add(node, named: name)
    }
  }

  private mutating func add(_ node: JSONNode, named name: String) {
    LoggedValue.forEachNumber(in: node, named: name, separator: WandbItem.separator) {
      numbers.append((tag: $0, value: $1))
    }
  }

  /// The paths of pictures, tables and the like: they come as their parts, one of which is a
  /// "_type".
  private static func media(_ items: [WandbItem]) -> Set<[String]> {
    var paths: Set<[String]> = []
    for item in items where item.path.count > 1 && item.path.last == "_type" {
      paths.insert(item.path.dropLast())
    }
    return paths
  }

  private static func isPart(_ path: [String], of media: Set<[String]>) -> Bool {
    path.indices.dropFirst().contains { media.contains(Array(path[..<$0])) }
  }
}
