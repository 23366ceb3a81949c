/// Finds the numbers in a line of text and what they are called, whatever program printed it.
///
/// Words collect until a number comes, which they name: the last five of them. A number without
/// words before it is named by those that follow, up to the next delimiter: "325.12 ms". Dates,
/// times, versions and addresses are delimiters, and so are the parts of a progress bar but its
/// count. `a/b` counts something when a word such as "epoch" stands before it, or else n of a bar.
struct TextScanner: Sendable {
  /// The line.
  var text: [UInt8] = []
  /// What it says.
  var reading = TextReading()
  /// The names of all lines.
  var keys = TextKeys()

  var index = 0
  /// Words that no number has taken yet.
  var words: [Range<Int>] = []
  /// The part of the data that one of them names.
  var wordsPart: TextPart?
  /// The same when a colon stands behind them: "Test set: …".
  var colonPart: TextPart?
  /// The part that the last name told for itself.
  var nearPart: TextPart?
  /// A number that had no words before it.
  var orphan: TextToken?
  /// The name of the number that was read last, while nothing but "(" followed.
  var valued: Int32?
  var isInSecond = false
  /// Whether ":" or "=" stands before what is being read.
  var isAfterSeparator = false
  var bracketDepth = 0
  var time = TextTime()

  /// What is being put together as a name.
  var name: [UInt8] = []
  /// What the last name was of beside its part.
  var metric: [UInt8]?

  /// Reads the line.
  mutating func read() {
    reading.removeAll()
    words.removeAll(keepingCapacity: true)
    (wordsPart, colonPart, nearPart, orphan, valued, metric) = (nil, nil, nil, nil, nil, nil)
    (isInSecond, isAfterSeparator, bracketDepth) = (false, false, 0)
    index = 0
    readPrefix()
    if let (open, record) = record() {
      scan(to: open)
      delimit()
      take(record)
    } else {
      readDialect()
      scan(to: text.count)
      delimit()
    }
    noteEvaluation()
  }

  private mutating func noteEvaluation() {
    var hasParts = false
    for value in reading.values where keys[value.key].counter != .epoch {
      guard let part = keys[value.key].part ?? value.part, !part.isTraining else { return }
      hasParts = true
    }
    reading.isEvaluation = hasParts
  }

  /// Reads words and numbers.
  private mutating func scan(to end: Int) {
    while index < end, !reading.isSettings {
      let byte = text[index]
      if byte == UInt8(ascii: " ") {
        index += 1
      } else if TextByte.isDigit(byte) {
        readNumber()
      } else if TextByte.isLetter(byte) || byte == UInt8(ascii: "_") {
        readWord()
      } else if byte >= 0x80 {
        readForeign()
      } else {
        readSign(byte)
      }
    }
  }

  private mutating func readSign(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."): readSignOrNumber()
    case UInt8(ascii: ":"), UInt8(ascii: "="):
      index += 1
      separate()
    case UInt8(ascii: "("):
      index += 1
      isInSecond = valued != nil
    case UInt8(ascii: ")"):
      index += 1
      if orphan != nil { delimit() }
      (valued, isInSecond) = (nil, false)
    case UInt8(ascii: "["):
      bracketDepth += 1
      index += 1
      valued = nil
      skipBarTimes()
    case UInt8(ascii: "]"):
      bracketDepth -= 1
      index += 1
      delimit()
    case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "|"), 9, UInt8(ascii: "{"),
      UInt8(ascii: "}"), UInt8(ascii: "<"), UInt8(ascii: ">"):
      index += 1
      delimit()
    default: index += 1
    }
  }

  private mutating func separate() {
    isAfterSeparator = true
    colonPart = wordsPart
    valued = nil
  }

  /// A sign before a number, a dash between things, dashes in a row.
  private mutating func readSignOrNumber() {
    let (byte, next) = (text[index], text.byte(index + 1))
    if byte == UInt8(ascii: "-") && next == byte {
      // "--lr 0.1" is how somebody called a program, "-----" a rule, "--5" nothing.
      while text.byte(index) == byte { index += 1 }
      if TextByte.isLetter(text.byte(index)) { reading.isSettings = true }
      skipWordBytes()
      delimit()
      return
    }
    let before = index > 0 ? text[index - 1] : UInt8(ascii: " ")
    let isGlued = before < 0x80 && TextByte.isWordByte(before) || before == UInt8(ascii: ")")
    let isNumber =
      TextByte.isDigit(next)
      || byte != UInt8(ascii: ".") && next == UInt8(ascii: ".")
        && TextByte.isDigit(text.byte(index + 2))
    if !isGlued && isNumber { return readNumber() }
    if !isGlued, byte != UInt8(ascii: "."), let end = notFiniteEnd(index + 1) {
      return takeNotFinite(end)
    }
    index += 1
    if byte != UInt8(ascii: ".") { delimit() }
  }

  /// What is not ASCII: letters are of words, signs are delimiters.
  private mutating func readForeign() {
    switch text[index] {
    // Punctuation, arrows, boxes and blocks: U+2000 to U+2FFF; CJK's: U+3000 to U+303F.
    case 0xe2: readForeignSign(size: 3)
    case 0xe3 where text.byte(index + 1) == 0x80: readForeignSign(size: 3)
    case 0xef where text.has("\u{FF1A}", at: index):
      index += 3
      separate()
    case 0xef: readForeignSign(size: 3)
    case 0xc2 where text.byte(index + 1) == 0xa0: index += 2
    case 0xc2: readForeignSign(size: 2)
    case 0xf0...: readForeignSign(size: 4)
    default: readWord()
    }
  }

  private mutating func readForeignSign(size: Int) {
    index = min(index + size, text.count)
    delimit()
  }

  mutating func skipWordBytes() {
    while TextByte.isWordByte(text.byte(index)) || text.byte(index) == UInt8(ascii: ".") {
      index += 1
    }
  }
}

/// A number with what is glued to it.
struct TextToken: Sendable {
  var value: Double
  var integer: Int64?
  var hasUnit = false
  var isScore = false
}
