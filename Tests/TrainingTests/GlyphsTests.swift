import Testing

@testable import Training

@Suite struct GlyphsTests {
  private static let pixelCount = Glyphs.side * Glyphs.side

  /// The bytes of some images, then their labels.
  private func drawn(_ range: Range<Int>, seed: UInt64) -> (pixels: [UInt8], labels: [UInt8]) {
    // Poison: a byte that is not written shows.
    var pixels = [UInt8](repeating: 0xAB, count: range.count * Self.pixelCount)
    var labels = [UInt8](repeating: 0xAB, count: range.count)
    pixels.withUnsafeMutableBufferPointer { pixels in
      labels.withUnsafeMutableBufferPointer { labels in
        guard let pixelStart = pixels.baseAddress, let labelStart = labels.baseAddress else {
          return
        }
        Glyphs(seed: seed).draw(range, pixels: pixelStart, labels: labelStart)
      }
    }
    return (pixels, labels)
  }

  private func image(_ index: Int, of pixels: [UInt8]) -> ArraySlice<UInt8> {
    pixels[index * Self.pixelCount..<(index + 1) * Self.pixelCount]
  }

  @Test func theSetIsTheSameBytesOnEveryMachine() async {
    let count = Glyphs.trainingCountDefault + Glyphs.validationCountDefault
    #expect(count == 12_000)
    // Pieces at the same time: the promise that threads may share the work.
    let pieceLength = 3_000
    let pieces = await withTaskGroup(of: (Int, [UInt8], [UInt8]).self) { group in
      for start in stride(from: 0, to: count, by: pieceLength) {
        group.addTask {
          let piece = drawn(start..<start + pieceLength, seed: 1)
          return (start, piece.pixels, piece.labels)
        }
      }
      return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }
    }
    let set = pieces.flatMap { $0.1 } + pieces.flatMap { $0.2 }
    #expect(set.count == count * (Self.pixelCount + 1))
    #expect(
      SHA256.hexadecimalDigest(of: set)
        == "70162fcd301d8bf4c2346dc7d8382c1a5c2ba9e71991ab2d5040fce28d668fd8")
  }

  @Test func anImageDependsOnlyOnSeedAndIndex() {
    let whole = drawn(0..<100, seed: 7)
    for split in [1, 37, 99] {
      let first = drawn(0..<split, seed: 7)
      let rest = drawn(split..<100, seed: 7)
      // A plain Bool: the difference of two long arrays takes minutes to describe.
      let isSame =
        first.pixels + rest.pixels == whole.pixels && first.labels + rest.labels == whole.labels
      #expect(isSame, "split at \(split)")
    }
    // Across the border of two label blocks.
    let across = drawn(995..<1_005, seed: 7)
    let single = drawn(1_002..<1_003, seed: 7)
    let isSame = image(7, of: across.pixels).elementsEqual(single.pixels)
    #expect(isSame)
    #expect(across.labels[7] == single.labels[0])
  }

  @Test func anotherSeedGivesAnotherSet() {
    let one = drawn(0..<100, seed: 1)
    for seed: UInt64 in [2, 1 << 32 | 1] {
      let other = drawn(0..<100, seed: seed)
      let isSameOrder = one.labels == other.labels
      #expect(!isSameOrder)
      // Also where the label happens to be the same.
      for index in 0..<100 {
        let isSame = image(index, of: one.pixels).elementsEqual(image(index, of: other.pixels))
        #expect(!isSame, "image \(index)")
      }
    }
  }

  @Test func everyBlockHasEveryDigitEquallyOftenInRandomOrder() {
    for start in [0, Glyphs.trainingCountDefault] {
      let labels = drawn(start..<start + Glyphs.labelBlockLength, seed: 3).labels
      var counts = [Int](repeating: 0, count: Glyphs.classCount)
      for label in labels { counts[Int(label)] += 1 }
      #expect(counts.allSatisfy { $0 == Glyphs.labelBlockLength / Glyphs.classCount })
      // By chance a label follows its own kind one time in ten.
      let repeats = zip(labels, labels.dropFirst()).filter { $0 == $1 }.count
      #expect((50...150).contains(repeats))
    }
    #expect(Glyphs.trainingCountDefault % Glyphs.labelBlockLength == 0)
    #expect(Glyphs.validationCountDefault % Glyphs.labelBlockLength == 0)
  }

  @Test func noImageIsBlankOrBlack() {
    let images = drawn(0..<1_000, seed: 5).pixels
    for start in stride(from: 0, to: images.count, by: Self.pixelCount) {
      // The palest hand writes with 0.55 of full blackness.
      let inked = images[start..<start + Self.pixelCount].count { $0 > 90 }
      #expect((12...400).contains(inked), "image \(start / Self.pixelCount)")
    }
  }

  @Test func anEmptyRangeWritesNothing() {
    var pixel: UInt8 = 1
    var label: UInt8 = 2
    Glyphs(seed: 1).draw(5..<5, pixels: &pixel, labels: &label)
    #expect(pixel == 1 && label == 2)
  }

  @Test func everyDigitHasSeveralHands() {
    #expect(GlyphStrokes.variants.count == Glyphs.classCount)
    for (digit, variants) in GlyphStrokes.variants.enumerated() {
      #expect(variants.count >= 3, "digit \(digit)")
    }
  }

  @Test func digestsAreThoseOfTheStandard() {
    // FIPS 180-2, appendix B.1 and B.2.
    #expect(
      SHA256.hexadecimalDigest(of: Array("abc".utf8))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    let twoBlocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
    #expect(
      SHA256.hexadecimalDigest(of: Array(twoBlocks.utf8))
        == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
  }
}

/// FIPS 180-4.
private enum SHA256 {
  /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
  private static let roundConstants: [UInt32] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
    0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe,
    0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f,
    0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
    0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc,
    0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
    0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116,
    0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
    0xc671_78f2,
  ]

  static func hexadecimalDigest(of message: [UInt8]) -> String {
    var state: [UInt32] = [
      0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab,
      0x5be0_cd19,
    ]
    var padded = message + [0x80]
    padded += [UInt8](repeating: 0, count: (120 - padded.count % 64) % 64)
    let bitCount = UInt64(message.count) * 8
    padded += (0..<8).map { UInt8(truncatingIfNeeded: bitCount >> (56 - 8 * UInt64($0))) }
    var words = [UInt32](repeating: 0, count: 64)
    padded.withUnsafeBufferPointer { padded in
      words.withUnsafeMutableBufferPointer { words in
        roundConstants.withUnsafeBufferPointer { constants in
          for start in stride(from: 0, to: padded.count, by: 64) {
            compress(padded, start, &state, words, constants)
          }
        }
      }
    }
    let digits = Array("0123456789abcdef")
    return String(
      state.flatMap { word in
        stride(from: UInt32(28), through: 0, by: -4).map { digits[Int(word >> $0 & 15)] }
      })
  }

  private static func compress(
    _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ state: inout [UInt32],
    _ words: UnsafeMutableBufferPointer<UInt32>, _ constants: UnsafeBufferPointer<UInt32>
  ) {
    // While loops and few calls: the tests run this without the optimizer on nine megabytes.
    var t = 0
    while t < 16 {
      let i = start &+ 4 &* t
      words[t] =
        UInt32(bytes[i]) &<< 24 | UInt32(bytes[i &+ 1]) &<< 16 | UInt32(bytes[i &+ 2]) &<< 8
        | UInt32(bytes[i &+ 3])
      t &+= 1
    }
    while t < 64 {
      let (w15, w2) = (words[t &- 15], words[t &- 2])
      let s0 = (w15 &>> 7 | w15 &<< 25) ^ (w15 &>> 18 | w15 &<< 14) ^ (w15 &>> 3)
      let s1 = (w2 &>> 17 | w2 &<< 15) ^ (w2 &>> 19 | w2 &<< 13) ^ (w2 &>> 10)
      words[t] = words[t &- 16] &+ s0 &+ words[t &- 7] &+ s1
      t &+= 1
    }
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    t = 0
    while t < 64 {
      let s1 = (e &>> 6 | e &<< 26) ^ (e &>> 11 | e &<< 21) ^ (e &>> 25 | e &<< 7)
      let first = h &+ s1 &+ (e & f ^ ~e & g) &+ constants[t] &+ words[t]
      let s0 = (a &>> 2 | a &<< 30) ^ (a &>> 13 | a &<< 19) ^ (a &>> 22 | a &<< 10)
      let second = s0 &+ (a & b ^ a & c ^ b & c)
      (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
      t &+= 1
    }
    for (i, value) in [a, b, c, d, e, f, g, h].enumerated() { state[i] &+= value }
  }
}
