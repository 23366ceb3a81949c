import Testing

@testable import Tensors

struct RankSelectionTests {
  /// Which of the scores a full sort by value, then by place, puts first.
  private func sorted(_ scores: [Float], _ rank: Int) -> Set<Int> {
    func value(_ index: Int) -> Float {
      scores[index].isNaN ? .infinity : scores[index].magnitude
    }
    let order = scores.indices.sorted { (value($0), $0) < (value($1), $1) }
    return Set(order.prefix(rank))
  }

  private func selected(_ scores: [Float], _ rank: Int, pieces: Int) -> Set<Int> {
    let size = max(1, (scores.count + pieces - 1) / pieces)
    let starts = Array(stride(from: 0, to: scores.count, by: size))
    return scores.withUnsafeBufferPointer { all in
      func piece(_ start: Int) -> UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(rebasing: all[start..<min(all.count, start + size)])
      }
      var selection = RankSelection(rank: rank)
      while !selection.isDone {
        for start in starts { selection.count(piece(start)) }
        selection.endPass()
      }
      var cutoff = selection.cutoff
      var mask = [Float](repeating: -1, count: scores.count)
      mask.withUnsafeMutableBufferPointer { mask in
        guard let first = mask.baseAddress else { return }
        for start in starts { cutoff.mark(piece(start), into: first + start) }
      }
      return Set(mask.indices.filter { mask[$0] == 0 })
    }
  }

  private func numbers(_ count: Int, seed: UInt64) -> [Float] {
    var random = RandomSource(seed: seed, purpose: .noise)
    return (0..<count).map { _ in Float(random.uniform(in: -1...1)) }
  }

  @Test(arguments: [0, 1, 2, 500, 998, 999, 1000, 5000])
  func itIsWhatASortFinds(rank: Int) {
    let scores = numbers(1000, seed: 1)
    #expect(selected(scores, rank, pieces: 7) == sorted(scores, rank))
  }

  /// Most scores share the upper half of their bits, and many are the same.
  @Test(arguments: [1, 17, 300, 999])
  func closeAndEqualScoresAreToldApartByPlace(rank: Int) {
    var random = RandomSource(seed: 2, purpose: .noise)
    let scores = (0..<1000).map { _ in Float(1) + Float(random.integer(below: 40)) * 0x1p-23 }
    #expect(selected(scores, rank, pieces: 3) == sorted(scores, rank))
    let same = [Float](repeating: 0.5, count: 100)
    #expect(selected(same, min(rank, 60), pieces: 4) == Set(0..<min(rank, 60)))
  }

  @Test func signsDoNotCountAndWhatIsNoNumberGoesLast() {
    let scores: [Float] = [.nan, -0.0, 3, -.infinity, 0, -1, .leastNonzeroMagnitude, -.nan, 2]
    for rank in 0...scores.count {
      #expect(selected(scores, rank, pieces: 2) == sorted(scores, rank), "\(rank)")
    }
  }

  @Test func nothingAndEverything() {
    #expect(selected([], 3, pieces: 1).isEmpty)
    #expect(selected([1, 2], 0, pieces: 1).isEmpty)
    #expect(selected([1, 2], 7, pieces: 1) == [0, 1])
  }

  @Test func oneByOneItIsTheSame() {
    let scores = numbers(200, seed: 3) + [0.25, 0.25, -0.25]
    var selection = RankSelection(rank: 90)
    while !selection.isDone {
      scores.withUnsafeBufferPointer { selection.count($0) }
      selection.endPass()
    }
    #expect(selection.total == 203)
    var cutoff = selection.cutoff
    var gone: Set<Int> = []
    for (index, score) in scores.enumerated() where cutoff.removes(score) { gone.insert(index) }
    #expect(gone == sorted(scores, 90))
    #expect(cutoff.ties == 0)
  }
}
