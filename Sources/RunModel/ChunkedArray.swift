/// What came in the order in which it came, in chunks: what is there is not copied when more comes,
/// and little room is kept for what may.
public struct ChunkedArray<Element: Sendable>: RandomAccessCollection, Sendable {
  /// Each of `chunkCount` elements.
  private var whole: [[Element]] = []
  /// The chunk that grows; it is never whole.
  private var last: [Element] = []

  /// Elements in a chunk.
  static var chunkCount: Int { 4096 }
  /// A last chunk keeps no more room than this part of all, once there are many.
  private static var roomDivisor: Int { 32 }

  public init() {}

  public init(_ elements: some Sequence<Element>) {
    for element in elements { append(element) }
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { whole.count * Self.chunkCount + last.count }

  public internal(set) subscript(index: Int) -> Element {
    get {
      let chunk = index / Self.chunkCount
      return chunk < whole.count
        ? whole[chunk][index % Self.chunkCount] : last[index - whole.count * Self.chunkCount]
    }
    set {
      let chunk = index / Self.chunkCount
      if chunk < whole.count {
        whole[chunk][index % Self.chunkCount] = newValue
      } else {
        last[index - whole.count * Self.chunkCount] = newValue
      }
    }
  }

  mutating func append(_ element: Element) {
    if last.count == last.capacity { makeRoom() }
    last.append(element)
    guard last.count == Self.chunkCount else { return }
    whole.append(last)
    last = []
  }

  private mutating func makeRoom() {
    let capacityMin = 4
    let shareOfAll = whole.count * (Self.chunkCount / Self.roomDivisor)
    last.reserveCapacity(
      Swift.min(Self.chunkCount, Swift.max(capacityMin, 2 * last.count, shareOfAll)))
  }

  /// Drops all but the first `kept` elements.
  mutating func cut(to kept: Int) {
    guard kept < count else { return }
    let chunk = Swift.max(0, kept) / Self.chunkCount
    if chunk < whole.count {
      last = whole[chunk]
      whole.removeLast(whole.count - chunk)
    }
    last.removeLast(count - Swift.max(0, kept))
  }

  /// The elements of a range, piece by piece as they lie in memory.
  func forEachPiece(of range: Range<Int>, _ body: (UnsafeBufferPointer<Element>) -> Void) {
    var low = range.lowerBound
    while low < range.upperBound {
      let chunk = low / Self.chunkCount
      let start = chunk * Self.chunkCount
      let high = Swift.min(range.upperBound, start + Self.chunkCount)
      (chunk < whole.count ? whole[chunk] : last).withUnsafeBufferPointer {
        body(UnsafeBufferPointer(rebasing: $0[low - start..<high - start]))
      }
      low = high
    }
  }
}

extension ChunkedArray: ExpressibleByArrayLiteral {
  public init(arrayLiteral elements: Element...) {
    self.init(elements)
  }
}

extension ChunkedArray: Equatable where Element: Equatable {
  public static func == (first: ChunkedArray, second: ChunkedArray) -> Bool {
    first.elementsEqual(second)
  }
}
