extension TextScanner {
  private static let wordsPerNameMax = 5
  /// Words without a number; of more only the last are kept.
  private static let wordsMax = 64

  mutating func push(_ word: Range<Int>) {
    if let part = colonPart { reading.part = part }
    (colonPart, valued, isAfterSeparator) = (nil, isInSecond ? valued : nil, false)
    if let part = TextPart.named(text, word) { wordsPart = part }
    if words.count == Self.wordsMax { words.removeFirst(Self.wordsMax - Self.wordsPerNameMax) }
    words.append(word)
  }

  /// Ends a group of words and numbers.
  mutating func delimit() {
    if let orphan, !words.isEmpty {
      take(orphan)
      valued = nil
    }
    forgetWords()
    (orphan, valued, isInSecond, isAfterSeparator) = (nil, nil, false, false)
  }

  /// Forgets words that named no number; a part of the data among them is what follows is about.
  private mutating func forgetWords() {
    if let part = wordsPart { reading.part = part }
    clearWords()
  }

  private mutating func clearWords() {
    words.removeAll(keepingCapacity: true)
    (wordsPart, colonPart) = (nil, nil)
  }

  /// The number of the name that the last words make; nil when there is none.
  mutating func takeName() -> Int32? {
    name.removeAll(keepingCapacity: true)
    if let metric, words.count == 1, TextPart.named(text, words[0]) != nil { name = metric }
    if words.count > Self.wordsPerNameMax { words = words.filter { !isFiller($0) } }
    for word in words.suffix(Self.wordsPerNameMax) {
      guard name.count + word.count <= TextKeys.nameSizeMax else { return nil }
      if !name.isEmpty { name.append(UInt8(ascii: " ")) }
      for place in word { name.append(TextByte.lowercased(text[place])) }
    }
    noteMetric()
    return name.isEmpty ? nil : keys.number(of: name)
  }

  /// "loss train 0.5 valid 0.6": the second is a loss, too.
  private mutating func noteMetric() {
    guard words.count > 1, let last = words.last, TextPart.named(text, last) != nil else {
      if words.count > 1 { metric = nil }
      return
    }
    metric = Array(name.dropLast(last.count + 1))
  }

  private func isFiller(_ word: Range<Int>) -> Bool {
    let sizeMax = 9
    return word.count <= sizeMax
      && TextNames.fillers.contains(
        String(decoding: text[word].map(TextByte.lowercased), as: UTF8.self))
  }

  /// "loss at epoch 5 is 0.25", "accuracy on the 10000 test images: 55": a number that belongs to
  /// the words before it and behind it, which are still to be named. Returns whether it is one.
  private mutating func takeAside(_ token: TextToken) -> Bool {
    guard words.count > 1, let integer = token.integer else { return false }
    if text[words[words.count - 1]].elementsEqual("the".utf8) { return true }
    let counters: [StaticString] = ["epoch", "step", "iteration", "iter"]
    let last = words[words.count - 1]
    guard words.count > 2, isFiller(words[words.count - 2]),
      counters.contains(where: {
        last.count == $0.utf8CodeUnitCount && text.has($0, at: last.lowerBound)
      }),
      let counter = TextNames.counter(String(decoding: text[last], as: UTF8.self))
    else { return false }
    // "end of epoch 5" is all about the epoch.
    guard !words.dropLast().allSatisfy(isFiller) else { return false }
    reading.add(counter, integer)
    words.removeLast(2)
    return true
  }

  /// Takes a number that stands behind what it belongs to, or before its name.
  mutating func take(_ token: TextToken) {
    defer { isAfterSeparator = false }
    if let valued, isInSecond, isAverage {
      add(token, key: valued, isSecond: true)
      clearWords()
      (self.valued, isInSecond) = (nil, false)
      return
    }
    guard !words.isEmpty else {
      (orphan, valued) = (token, nil)
      return
    }
    orphan = nil
    if takeAside(token) { return }
    let part = wordsPart
    guard let key = takeName() else {
      clearWords()
      valued = nil
      return
    }
    clearWords()
    if let counter = counter(key, token) {
      if let part { reading.part = part }
      reading.add(counter, token.integer ?? 0)
      valued = nil
    } else {
      if keys[key].counter == .epoch { reading.hasFractionalEpoch = true }
      add(token, key: key, isSecond: false)
      valued = key
      if let own = keys[key].part { nearPart = own }
    }
  }

  /// Whether what stands in parentheses behind a value may be its average.
  private var isAverage: Bool {
    guard let word = words.first else { return true }
    let isNamed = text.has("avg", at: word.lowerBound) || text.has("mean", at: word.lowerBound)
    return isNamed && words.count == 1
  }

  private mutating func counter(_ key: Int32, _ token: TextToken) -> TextReading.Counter? {
    guard token.integer != nil, !token.hasUnit else { return nil }
    if let counter = keys[key].counter { return counter }
    // timm: "Train: 3 [  50/1251 (  4%)]"
    let isEpoch =
      words.isEmpty && TextPart.named(keys[key].name) != nil
      && text.byte(text.skippingSpaces(from: index)) == UInt8(ascii: "[")
    if isEpoch { reading.part = TextPart.named(keys[key].name) }
    return isEpoch ? .epoch : nil
  }

  private mutating func add(_ token: TextToken, key: Int32, isSecond: Bool) {
    reading.add(
      TextReading.Value(
        key: key, part: reading.part, nearPart: nearPart, isSecond: isSecond,
        isScore: token.isScore, number: token.value))
  }

  /// Takes n of a total.
  mutating func take(_ count: Int64, of total: Int64) {
    defer {
      clearWords()
      (orphan, valued, isAfterSeparator) = (nil, nil, false)
    }
    let part = wordsPart
    let key = takeName()
    if let key, keys[key].counter == nil, keys[key].isMetric, total > 0 {
      let token = TextToken(value: Double(count) / Double(total))
      add(token, key: key, isSecond: false)
      if let own = keys[key].part { nearPart = own }
      return
    }
    if let part { reading.part = part }
    reading.add(key.flatMap { keys[$0].counter } ?? .batch, count, of: total)
  }
}
