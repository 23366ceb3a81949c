/// The names of a log's numbers, with what they mean, each found by its bytes.
struct TextKeys: Sendable {
  /// The tags that made points.
  private(set) var tags = NumberedTags()
  /// Whether names had to be left out.
  private(set) var isFull = false

  private var isUsed = false

  private var keys: [Key] = []
  private var numbers: [[UInt8]: Int32] = [:]
  /// The key that followed each key last: logs repeat themselves.
  private var last: Int32 = -1

  struct Key: Sendable {
    let name: String
    fileprivate let bytes: [UInt8]
    let counter: TextReading.Counter?
    let isMetric: Bool
    let isSetting: Bool
    /// The part that it names for itself.
    let part: TextPart?
    /// Tags by the part of the line and by what kind of number it is; `unknown` until asked for.
    fileprivate var tags = [Int32](repeating: unknown, count: tagsPerKey)
    fileprivate var next: Int32 = -1
    fileprivate var role: Role?
  }

  /// What the name says as a member of a record.
  struct Role: Sendable {
    let counter: TextReading.Counter?
    let isTime: Bool

    fileprivate init(_ name: String) {
      let rank = StepKey.rank(of: name)
      if rank == StepKey.noRank {
        counter = nil
      } else if rank >= StepKey.epochRank {
        counter = .epoch
      } else {
        counter = TextNames.counter(name.lowercased()) ?? .globalStep
      }
      isTime = StepKey.timeRank(of: name) != StepKey.noRank
    }
  }

  private static let unknown: Int32 = -2
  private static let none: Int32 = -1
  private static let tagsPerKey = (TextPart.allCases.count + 1) * 2

  /// More names are not remembered.
  static let keysMax = 100_000
  /// Longer names are no metrics', in bytes.
  static let nameSizeMax = 256

  subscript(key: Int32) -> Key { keys[Int(key)] }

  mutating func role(of key: Int32) -> Role {
    if let role = keys[Int(key)].role { return role }
    let role = Role(keys[Int(key)].name)
    keys[Int(key)].role = role
    return role
  }

  /// The number of a name; nil when it is too long or there are too many.
  mutating func number(of name: [UInt8]) -> Int32? {
    if last >= 0, case let guess = keys[Int(last)].next, guess >= 0,
      keys[Int(guess)].bytes == name
    {
      last = guess
      return guess
    }
    guard let number = numbers[name] ?? add(name) else { return nil }
    if last >= 0 { keys[Int(last)].next = number }
    last = number
    return number
  }

  private mutating func add(_ bytes: [UInt8]) -> Int32? {
    guard bytes.count <= Self.nameSizeMax else { return nil }
    guard keys.count < Self.keysMax else {
      isFull = true
      return nil
    }
    let name = String(decoding: bytes, as: UTF8.self)
    let key = Key(
      name: name, bytes: bytes, counter: TextNames.counter(name),
      isMetric: TextNames.isMetric(name), isSetting: TextNames.isSetting(name),
      part: TextNames.ownPart(name))
    let number = Int32(keys.count)
    keys.append(key)
    numbers[bytes] = number
    return number
  }

  /// Forgets all names that made no point, when there are as many names as may be: prose brings new
  /// ones for ever. Their numbers are given anew. Returns whether it did.
  mutating func makeRoom() -> Bool {
    guard isFull, !isUsed else { return false }
    let kept = keys.filter { key in key.tags.contains { $0 >= 0 } }
    // Most are of metrics: room would not last.
    isUsed = kept.count > Self.keysMax / 2
    guard !isUsed else { return false }
    isFull = false
    keys = kept
    numbers = [:]
    for index in keys.indices {
      keys[index].next = -1
      numbers[keys[index].bytes] = Int32(index)
    }
    last = -1
    return true
  }

  /// The number of the tag for a value; nil when it has none.
  mutating func tag(for value: TextReading.Value) -> Int32? {
    guard !value.isScore else { return nil }
    let place = (value.part.map { Int($0.rawValue) + 1 } ?? 0) * 2 + (value.isSecond ? 1 : 0)
    let key = Int(value.key)
    if keys[key].tags[place] == Self.unknown {
      keys[key].tags[place] =
        TextNames.tag(keys[key].name, part: value.part, isSecond: value.isSecond)
        .flatMap { tags.number(of: $0) } ?? Self.none
    }
    return keys[key].tags[place] >= 0 ? keys[key].tags[place] : nil
  }
}
