import JSONText

/// What the program remembers between sessions, in `$XDG_STATE_HOME/nntop/views.json`: how each set
/// of targets was left. A damaged file costs nothing but the memory.
public struct RememberedViews: Equatable, Sendable {
  /// How many sets of targets are remembered; the oldest is forgotten first.
  public static let countMax = 50
  /// The longest text in bytes, written or read; the oldest do not get into it.
  public static let bytesMax = 1 << 20
  /// The longest key in bytes; longer ones are not remembered.
  public static let keyBytesMax = 16384

  private struct Entry: Equatable, Sendable {
    let key: String
    let view: RememberedView
  }

  /// The newest first.
  private var entries: [Entry] = []

  /// Nothing remembered.
  public init() {}

  /// How many sets of targets are remembered.
  public var count: Int { entries.count }

  /// How the targets were left; nil: not remembered.
  public subscript(key: String) -> RememberedView? {
    entries.first { $0.key == key }?.view
  }

  /// Remembers the view, within its limits, as the newest.
  public mutating func remember(_ view: RememberedView, for key: String) {
    guard !key.isEmpty, key.utf8.count <= Self.keyBytesMax else { return }
    entries.removeAll { $0.key == key }
    entries.insert(Entry(key: key, view: view.clamped), at: 0)
    if entries.count > Self.countMax { entries.removeLast(entries.count - Self.countMax) }
  }

  /// Reads what `text` wrote; what is damaged is not remembered, and every value is within its
  /// limits.
  public static func read(_ text: String) -> RememberedViews {
    var views = RememberedViews()
    guard text.utf8.count <= bytesMax,
      let root = try? JSONReader(options: .record).read(text).json
    else { return views }
    for json in (root["views"]?.array ?? []).prefix(countMax).reversed() {
      guard json.members != nil, let key = json["targets"]?.string else { continue }
      views.remember(RememberedView(json), for: key)
    }
    return views
  }

  /// JSON with one line for each set of targets, the newest first.
  public var text: String {
    var bytes = Array("{\"version\": 1, \"views\": [".utf8)
    let end = Array("\n]}\n".utf8)
    var separator = "\n"
    for entry in entries {
      var json: JSON = ["targets": .string(entry.key)]
      json = .object((json.members ?? []) + (entry.view.json.members ?? []))
      let line = separator.utf8 + json.utf8()
      if bytes.count + line.count + end.count > Self.bytesMax { continue }
      bytes += line
      separator = ",\n"
    }
    return String(decoding: bytes + end, as: UTF8.self)
  }
}
