/// Tells metrics from other numbers in text.
///
/// A line has metrics when one of its names is one that trainings print, such as "loss", or when
/// lines of the same names have come three times with changing numbers. Without that a connection's
/// address or a process's number would be curves.
struct TextKinds: Sendable {
  private var kinds: [UInt64: Kind] = [:]

  private struct Kind: Sendable {
    var count = 0
    var hasChanged = false
    var numbers: UInt64 = 0
    var place = TextAxis.Place()

    /// Notes a line; returns whether lines of the kind have come often and with other numbers.
    mutating func note(_ numbers: UInt64) -> Bool {
      hasChanged = hasChanged || count > 0 && self.numbers != numbers
      self.numbers = numbers
      count = min(count + 1, TextKinds.repeatsMin)
      return count >= TextKinds.repeatsMin && hasChanged
    }
  }

  private static let repeatsMin = 3
  private static let kindsMax = 50_000

  /// The kind of a line; nil when it has no metrics.
  mutating func kind(of reading: TextReading, _ keys: TextKeys) -> UInt64? {
    guard !reading.values.isEmpty, !reading.isSettings else { return nil }
    var (hash, numbers) = (Self.seed, Self.seed)
    var (isMetric, isSetting) = (reading.isKnown, false)
    for value in reading.values {
      Self.mix(&hash, UInt64(truncatingIfNeeded: value.key) << 4 | (value.isSecond ? 1 : 0))
      Self.mix(&hash, value.part.map { UInt64($0.rawValue) + 1 } ?? 0)
      Self.mix(&numbers, value.number.bitPattern)
      isMetric = isMetric || keys[value.key].isMetric
      isSetting = isSetting || keys[value.key].isSetting
    }
    // A record's epoch is among its values, whole or not.
    for count in reading.counts where !reading.isRecord || count.counter != .epoch {
      Self.mix(&hash, UInt64(count.counter.rawValue) | 1 << 32)
    }
    // A list of settings names the learning rate, too.
    if isSetting && reading.counts.isEmpty { return nil }
    if kinds.count >= Self.kindsMax && kinds[hash] == nil { kinds = [:] }
    let hasMetrics = kinds[hash, default: Kind()].note(numbers)
    return isMetric || hasMetrics ? hash : nil
  }

  /// What is known of the place of a kind.
  subscript(place kind: UInt64) -> TextAxis.Place {
    get { kinds[kind]?.place ?? TextAxis.Place() }
    set { kinds[kind]?.place = newValue }
  }

  /// Forgets all: names have other numbers from now on.
  mutating func removeAll() {
    kinds = [:]
  }

  private static let seed: UInt64 = 0xcbf2_9ce4_8422_2325

  private static func mix(_ hash: inout UInt64, _ value: UInt64) {
    // The finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
    var mixed = (hash ^ value) &+ 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    hash = mixed ^ mixed >> 27
  }
}
