extension TextScanner {
  private static let levels: [StaticString] = [
    "DEBUG", "INFO", "WARNING", "WARN", "ERROR", "CRITICAL", "FATAL",
  ]
  /// How far a level or a date is looked for.
  private static let prefixSize = 80

  /// Passes over what loggers and launchers write before a message: a process, a time, a level.
  mutating func readPrefix() {
    if let (rank, end) = rank() {
      reading.rank = rank
      index = end
    }
    let end = min(text.count, index + Self.prefixSize)
    var place = index
    var hasDate = false
    while place < end {
      let byte = text[place]
      let isStart = place == 0 || !TextByte.isWordByte(text[place - 1])
      if isStart, !hasDate, byte == UInt8(ascii: "2") || byte == UInt8(ascii: "1"),
        let found = time.read(text, at: place)
      {
        (hasDate, reading.wallTime) = (true, found.seconds)
        place = found.end
      } else if isStart, let behind = levelEnd(place) {
        index = behind
        return
      } else {
        place += 1
      }
    }
    if let behind = glogEnd(index) { index = behind }
  }

  /// The end of a level's name, and of a logger's name behind it: "INFO:root:".
  private func levelEnd(_ place: Int) -> Int? {
    switch text[place] {
    case UInt8(ascii: "D"), UInt8(ascii: "I"), UInt8(ascii: "W"), UInt8(ascii: "E"),
      UInt8(ascii: "C"), UInt8(ascii: "F"):
      break
    default: return nil
    }
    guard let level = Self.levels.first(where: { text.has($0, at: place) }) else { return nil }
    let end = place + level.utf8CodeUnitCount
    guard !TextByte.isWordByte(text.byte(end)) else { return nil }
    guard text.byte(end) == 58 else { return end }
    var logger = end + 1
    while TextByte.isWordByte(text.byte(logger)) || text.byte(logger) == UInt8(ascii: ".") {
      logger += 1
    }
    return logger > end + 1 && text.byte(logger) == 58 ? logger + 1 : end
  }

  /// `I1121 16:48:45.625000 12345 train.py:50] `, as absl and glog write.
  private func glogEnd(_ start: Int) -> Int? {
    let byte = text.byte(start)
    guard byte == UInt8(ascii: "I") || byte == UInt8(ascii: "W") || byte == UInt8(ascii: "E"),
      text.skippingDigits(from: start + 1) == start + 5, text.byte(start + 5) == UInt8(ascii: " "),
      TextTime.clockEnd(text, start + 6) != nil
    else { return nil }
    return text[start...].prefix(Self.prefixSize).firstIndex(of: UInt8(ascii: "]")).map { $0 + 1 }
  }

  /// `[rank3]:`, `[default3]:` and `[1,3]<stdout>:`, which torchrun and mpirun write.
  private func rank() -> (rank: Int64, end: Int)? {
    guard text.byte(0) == UInt8(ascii: "[") else { return nil }
    var place = 1
    if text.has("rank", at: 1) || text.has("Rank", at: 1) {
      place = 5
    } else if text.has("default", at: 1) {
      place = 8
    } else {
      let comma = text.skippingDigits(from: 1)
      guard text.byte(comma) == UInt8(ascii: ","),
        text.has("]<std", at: text.skippingDigits(from: comma + 1)),
        let end = text[comma...].prefix(Self.prefixSize).firstIndex(of: UInt8(ascii: ">"))
      else { return nil }
      return TextNumber(text, at: comma + 1)?.integer.map { ($0, end + 1) }
    }
    if text.byte(place) == UInt8(ascii: " ") || text.byte(place) == 58 { place += 1 }
    guard TextByte.isDigit(text.byte(place)), let number = TextNumber(text, at: place),
      let rank = number.integer, text.byte(number.end) == UInt8(ascii: "]")
    else { return nil }
    let end = number.end + 1
    return (rank, text.byte(end) == 58 ? end + 1 : end)
  }

  /// Beginnings whose numbers have no names: those of darknet, llm.c, gradient boosting programs
  /// and PyTorch's tutorials.
  mutating func readDialect() {
    let start = text.skippingSpaces(from: index)
    let byte = text.byte(start)
    if TextByte.isDigit(byte) {
      readNumbered(start)
    } else if byte == UInt8(ascii: "s"), text.byte(start + 1) == 58 {
      readLLMC(start + 2)
    } else if byte == UInt8(ascii: "["), TextByte.isDigit(text.byte(start + 1)) {
      readBracketed(start + 1)
    } else if text.has("Namespace(", at: start) {
      reading.isSettings = true
    }
  }

  /// `12:\tlearn: 0.5`, as CatBoost writes, or a line of darknet's.
  private mutating func readNumbered(_ start: Int) {
    guard let step = TextNumber(text, at: start), let value = step.integer,
      text.byte(step.end) == 58
    else { return }
    if text.byte(step.end + 1) == 9 {
      reading.add(.iteration, value)
      index = step.end + 1
    } else if text.byte(step.end + 1) == UInt8(ascii: " ") {
      readDarknet(value, step.end + 1)
    }
  }

  /// `9002: 0.211667, 0.277100 avg, …`: the step and its loss.
  private mutating func readDarknet(_ value: Int64, _ start: Int) {
    guard let loss = TextNumber(text, at: text.skippingSpaces(from: start)),
      text.byte(loss.end) == UInt8(ascii: ","),
      let average = TextNumber(text, at: text.skippingSpaces(from: loss.end + 1)),
      text.has(" avg", at: average.end), let key = keys.number(of: Array("loss".utf8))
    else { return }
    reading.isKnown = true
    reading.add(.step, value)
    reading.add(
      TextReading.Value(
        key: key, part: nil, nearPart: nil, isSecond: false, isScore: false, number: loss.value))
    index = loss.end
  }

  /// `s:100 trl:2.3 lr:0.0001 norm:1.2`
  private mutating func readLLMC(_ start: Int) {
    guard let step = TextNumber(text, at: start), let value = step.integer,
      text.has(" trl:", at: step.end) || text.has(" tel:", at: step.end)
        || text.has(" eval:", at: step.end)
    else { return }
    reading.isKnown = true
    reading.add(.step, value)
    index = step.end
  }

  /// `[1,  2000] loss: 2.173` and `[0/5][10/938]`: the epoch and the batch; `[12]\tval-rmse:0.5`,
  /// as XGBoost, LightGBM and Flax write.
  private mutating func readBracketed(_ start: Int) {
    guard let first = TextNumber(text, at: start), let value = first.integer else { return }
    let behind = text.byte(first.end)
    if behind == UInt8(ascii: ",") {
      guard let batch = TextNumber(text, at: text.skippingSpaces(from: first.end + 1)),
        let count = batch.integer, text.has("] loss", at: batch.end)
      else { return }
      reading.add(.epoch, value)
      reading.add(.batch, count)
      index = batch.end + 1
    } else if behind == UInt8(ascii: "/") {
      guard let total = TextNumber(text, at: first.end + 1), text.has("][", at: total.end) else {
        return
      }
      reading.add(.epoch, value, of: total.integer)
      index = total.end + 1
    } else if behind == UInt8(ascii: "]"), TextByte.isBlank(text.byte(first.end + 1)),
      TextByte.isLetter(text.byte(first.end + 2))
    {
      reading.add(.iteration, value)
      index = first.end + 1
    }
  }
}
