import Testing

@testable import NcursesBackend

@Suite struct AssumedBackgroundTests {
  static let values: [(String?, AssumedBackground)] = [
    ("15;0", .dark), ("0;15", .light), ("0;default;15", .light), ("12;8", .dark), ("0;7", .light),
    ("15;default", .unknown), ("", .unknown), ("0;", .unknown), ("0;16", .unknown),
    ("0;-1", .unknown), ("99999999999999999999", .unknown), (nil, .unknown),
  ]

  @Test(arguments: values)
  func theLastNumberCounts(text: String?, background: AssumedBackground) {
    #expect(AssumedBackground(colorFGBG: text) == background)
  }
}
