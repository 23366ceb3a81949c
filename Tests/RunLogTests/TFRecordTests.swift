import Testing

@testable import RunLog

struct MaskedCRC32CTests {
  @Test(
    arguments: [
      ("", 0, 0xa282_ead8), ("123456789", 0xe306_9283, 0xc78a_b0e5),
      (String(repeating: "\0", count: 32), 0x8a91_36aa, 0x0fd7_fffa),
    ] as [(String, UInt32, UInt32)])
  func knownValues(text: String, plain: UInt32, masked: UInt32) {
    let bytes = Array(text.utf8)
    #expect(bytes.withUnsafeBytes { MaskedCRC32C.crc32c($0) } == plain)
    #expect(bytes.withUnsafeBytes { MaskedCRC32C.checksum($0) } == masked)
  }

  @Test func knownMaskedValues() {
    let length = bytes("1800000000000000")
    #expect(length.withUnsafeBytes { MaskedCRC32C.checksum($0) } == 0x224b_7fa3)
    let text = Array("\u{1a}\u{11}CRC test, one two".utf8)
    #expect(text.withUnsafeBytes { MaskedCRC32C.checksum($0) } == 0x5794_d08a)
  }

  /// The plain twin goes bit by bit.
  @Test func everyLengthAndAlignmentAgreesWithTheBitwiseWay() {
    let data = (0..<100).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
    for start in 0..<9 {
      for end in start...data.count {
        var expected: UInt32 = 0xffff_ffff
        for byte in data[start..<end] {
          expected ^= UInt32(byte)
          for _ in 0..<8 { expected = (expected >> 1) ^ (expected & 1 == 1 ? 0x82f6_3b78 : 0) }
        }
        let actual = data.withUnsafeBytes {
          let bytes = UnsafeRawBufferPointer(rebasing: $0[start..<end])
          return (MaskedCRC32C.crc32c(bytes), MaskedCRC32C.byTables(bytes))
        }
        #expect(actual == (~expected, ~expected), "\(start)..<\(end)")
      }
    }
  }
}

/// Whole records of other writers, from reference/log-formats.md §1.7.
struct WholeRecordTests {
  /// What each of them means; the wall times are those in the bytes.
  private static let torchTime = Double(bitPattern: 0x41d9_54fc_4050_0000)

  private func check(_ hexadecimal: String, _ expected: [RunEvent]) throws {
    let (events, reader) = try readFile(bytes(hexadecimal))
    #expect(events == expected)
    #expect(reader.skippedRecords == 0)
    #expect(reader.unreadable == nil)
    #expect(reader.offset == bytes(hexadecimal).count)
  }

  @Test func tensorboardXVersion() throws {
    try check(
      "1800000000000000a37f4b22 09f4f46eaf3ec0da411a0d627261696e2e4576656e743a32 deef7105", [])
  }

  private static let torchScalar =
    "200000000000000029eda950 "
    + "0900005040fc54d94110012a130a110a0a6c6f73732f747261696e150000803e 79527a9f"

  @Test func torchScalar() throws {
    let event = scalar("loss/train", 1, 0.25, wallTime: Self.torchTime)
    try check(Self.torchScalar, [event])
    let written = EventMessage.scalars(
      [("loss/train", 0.25)], step: 1, wallTime: Self.torchTime)
    #expect(record(written) == bytes(Self.torchScalar))
  }

  @Test func torchNaN() throws {
    let (events, _) = try readFile(
      bytes("19000000000000008bf10828 0900005040fc54d94110052a0c0a0a0a036e616e150000c07f 1caaeb32"))
    try #require(events.count == 1)
    guard let point = events.points.first else {
      Issue.record("a scalar")
      return
    }
    #expect(point.tag == "nan")
    #expect(point.step == 5)
    #expect(point.value.isNaN)
  }

  @Test func torchNewStyle() throws {
    try check(
      "2b00000000000000861bc34b 0900005040fc54d941104d2a1e0a1c0a036e6577420808012a04a4707d3f"
        + "4a0b0a090a077363616c617273 98f75dc6",
      [scalar("new", 77, 0.99, wallTime: Self.torchTime)])
  }

  @Test func tensorFlowScalar() throws {
    try check(
      "2e00000000000000c5cb57fa 098fc3ad963ec0da4110012a210a1f0a046c6f7373420a0801120022040000803e"
        + "4a0b0a090a077363616c617273 95d79334",
      [scalar("loss", 1, 0.25, wallTime: Double(bitPattern: 0x41da_c03e_96ad_c38f))])
  }

  @Test func torchSessionStart() throws {
    let text = "0f000000000000006d532b09 099d096c7e3ec0da41100a3a020801 ce975e53"
    let wallTime = Double(bitPattern: 0x41da_c03e_7e6c_099d)
    try check(text, [.sessionStarted(step: 10, wallTime: wallTime)])
    #expect(record(EventMessage.sessionStart(step: 10, wallTime: wallTime)) == bytes(text))
  }

  @Test func torchText() throws {
    try check(
      "4300000000000000b18525a0 090000d040fc54d94110042a360a340a116e6f74652f746578745f73756d6d61"
        + "727942150807120412020801420b68656c6c6f202a2a772a2a4a080a060a0474657874 21490e2d",
      [
        .text(
          tag: "note", step: 4, wallTime: Double(bitPattern: 0x41d9_54fc_40d0_0000),
          "hello **w**")
      ])
  }

  @Test func torchHyperparametersEnd() throws {
    try check(
      "3c00000000000000c8b7a352 0991bd6c7e3ec0da412a310a2f0a1a5f68706172616d735f2f73657373696f6e5f"
        + "656e645f696e666f4a110a0f0a0768706172616d73120422020801 748800f3",
      [.outcome(.finished)])
  }
}
