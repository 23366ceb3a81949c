import NeuralNetwork
import TensorFiles
import Tensors

/// Chooses the weights of a file that go, as the method does in a network of the same weights.
///
/// It goes over the file several times and holds one piece of `SafetensorsReader.pieceMax` weights;
/// where a method has to look at all of a tensor, one tensor of at most `wholeMax` weights: 12
/// bytes for each, what the method itself takes, and the scores of all tensors where they are no
/// more than `wholeMax` together.
struct FilePruner {
  let reader: SafetensorsReader
  private let method: FileMethod
  private let sparsity: Double
  private let seed: UInt64
  /// The tensors that are pruned, in the order of their data.
  private(set) var targets: [Target]

  static let wholeMax = 1 << 28

  struct Target {
    let tensor: SafetensorsHeader.Entry
    let decoder: ElementDecoder
    /// Weights that are 0 in the file, and that will be.
    var zerosBefore = 0
    var zerosAfter = 0
    /// What goes when its scores come in order; nil where only what is 0 already does.
    fileprivate var cutoff: RankCutoff?
    /// Of all its weights, where they are kept.
    fileprivate var scores: Tensor<Float>?
    var count: Int { tensor.elementCount }
    /// In the method's scores: for magnitude the largest weight that goes.
    var threshold: Float? { cutoff?.threshold }
  }

  init(
    _ reader: SafetensorsReader, _ tensors: [SafetensorsHeader.Entry], method: FileMethod,
    sparsity: Double, seed: UInt64
  ) {
    self.reader = reader
    self.method = method
    self.sparsity = sparsity
    self.seed = seed
    targets = tensors.compactMap { tensor in
      ElementDecoder(tensor.type).map { Target(tensor: tensor, decoder: $0) }
    }
  }

  var count: Int { targets.reduce(0) { $0 + $1.count } }
  var zerosBefore: Int { targets.reduce(0) { $0 + $1.zerosBefore } }
  var zerosAfter: Int { targets.reduce(0) { $0 + $1.zerosAfter } }

  /// Finds what goes. Nothing is changed.
  /// - Throws: `Failure` when nothing would go, or a tensor is too large for the method.
  mutating func choose() throws {
    if !method.takesPieces, let large = targets.first(where: { $0.count > Self.wholeMax }) {
      throw Failure(
        "\(reader.path): \(large.tensor.name) has \(large.count) weights; this method looks at "
          + "tensors of at most \(Self.wholeMax)")
    }
    for index in targets.indices { try countZeros(index) }
    try keepScores()
    switch method {
    case .scored where method.isPerLayer:
      for index in targets.indices { try rank(index..<index + 1) }
    case .scored: try rank(0..<targets.count)
    case .grouped(let method, let removed):
      // Where the groups have to lose more than there are zeros, something goes.
      let lost = targets.reduce(0) { $0 + Self.lost($1.tensor.shape, method.m, removed) }
      if zerosBefore < lost { return }
      try preview()
      guard zerosAfter > zerosBefore else { throw nothingToRemove }
      return
    }
    guard targets.contains(where: { $0.cutoff != nil }) else { throw nothingToRemove }
  }

  /// Weights that the whole groups of a tensor lose.
  private static func lost(_ shape: [Int], _ group: Int, _ removed: Int) -> Int {
    guard shape.count > 1, shape[1] > 0 else { return 0 }
    return shape.reduce(1, *) / shape[1] * (shape[1] / group * removed)
  }

  private var nothingToRemove: Failure {
    let present = Double(zerosBefore) / Double(max(count, 1))
    return Failure("\(reader.path): \(PruningRefusal.reached(present, target: sparsity))")
  }

  private mutating func countZeros(_ index: Int) throws(TensorFileError) {
    let target = targets[index]
    var zeros = 0
    try reader.read(0..<target.count, of: target.tensor, by: target.decoder) {
      (weights, _) throws(TensorFileError) in
      for weight in weights { zeros &+= weight == 0 ? 1 : 0 }
    }
    targets[index].zerosBefore = zeros
  }

  /// Ranks the weights of some tensors together, unless as many are 0 as are to be.
  private mutating func rank(_ indices: Range<Int>) throws(TensorFileError) {
    let count = targets[indices].reduce(0) { $0 + $1.count }
    let removed = count - Int(((1 - sparsity) * Double(count)).rounded())
    guard removed > targets[indices].reduce(0, { $0 + $1.zerosBefore }) else { return }
    var selection = RankSelection(rank: removed)
    while !selection.isDone {
      for index in indices {
        try score(index) { scores, _ in selection.count(scores) }
      }
      selection.endPass()
    }
    var cutoff = selection.cutoff
    for index in indices {
      targets[index].cutoff = cutoff
      // Those that equal the threshold go in the order of the file: the next tensor takes over.
      guard indices.count > 1, cutoff.ties > 0 else { continue }
      try score(index) { scores, _ in
        if cutoff.ties > 0 { for score in scores { _ = cutoff.removes(score) } }
      }
    }
  }

  // MARK: Scores

  /// Scores a tensor's weights and hands the scores out a piece at a time: 0 for what is 0 already,
  /// more for all else.
  private func score(
    _ index: Int, _ body: (UnsafeBufferPointer<Float>, Int) throws(TensorFileError) -> Void
  ) throws(TensorFileError) {
    guard case .scored(let method) = method else { return }
    let target = targets[index]
    func hand(_ scores: UnsafeMutablePointer<Float>) throws(TensorFileError) {
      try Self.pieces(of: target.count) { (piece) throws(TensorFileError) in
        try body(
          UnsafeBufferPointer(start: scores + piece.lowerBound, count: piece.count),
          piece.lowerBound)
      }
    }
    if let scores = target.scores {
      return try withExtendedLifetime(scores) { () throws(TensorFileError) in
        try hand(scores.scalars)
      }
    }
    guard self.method.takesPieces else {
      return try whole(target) { (weights, scores) throws(TensorFileError) in
        method.score(weights, into: scores)
        Self.separate(scores, weights.values, count: weights.count)
        try hand(scores)
      }
    }
    let scores = UnsafeMutablePointer<Float>.allocate(
      capacity: min(SafetensorsReader.pieceMax, max(target.count, 1)))
    defer { scores.deallocate() }
    try reader.read(0..<target.count, of: target.tensor, by: target.decoder) {
      (weights, first) throws(TensorFileError) in
      guard let start = weights.baseAddress else { return }
      method.score(
        WeightView(
          name: target.tensor.layerName, values: start, shape: target.tensor.shape,
          piece: first..<first + weights.count, seed: seed), into: scores)
      Self.separate(scores, start, count: weights.count)
      try body(UnsafeBufferPointer(start: scores, count: weights.count), first)
    }
  }

  /// Scores of whole tensors are dear: they are kept where there is room.
  private mutating func keepScores() throws(TensorFileError) {
    guard case .scored(let method) = method, !self.method.takesPieces, count <= Self.wholeMax
    else { return }
    for index in targets.indices {
      let kept = Tensor<Float>(shape: [targets[index].count])
      try whole(targets[index]) { (weights, _) throws(TensorFileError) in
        method.score(weights, into: kept.scalars)
        Self.separate(kept.scalars, weights.values, count: weights.count)
      }
      targets[index].scores = kept
    }
  }

  /// What is 0 goes before all else.
  private static func separate(
    _ scores: UnsafeMutablePointer<Float>, _ weights: UnsafePointer<Float>, count: Int
  ) {
    for index in 0..<count {
      scores[index] = weights[index] == 0 ? 0 : max(scores[index], .leastNonzeroMagnitude)
    }
  }

  private static func pieces(
    of count: Int, _ body: (Range<Int>) throws(TensorFileError) -> Void
  ) throws(TensorFileError) {
    var first = 0
    while first < count {
      let end = min(first + SafetensorsReader.pieceMax, count)
      try body(first..<end)
      first = end
    }
  }

  /// Holds a tensor's weights, masked where they are 0, and room for a number for each.
  private func whole(
    _ target: Target,
    _ body: (WeightView<Float>, UnsafeMutablePointer<Float>) throws(TensorFileError) -> Void
  ) throws(TensorFileError) {
    let count = target.count
    let memory = UnsafeMutablePointer<Float>.allocate(capacity: 3 * max(count, 1))
    defer { memory.deallocate() }
    let (weights, mask, room) = (memory, memory + count, memory + 2 * count)
    try reader.read(0..<count, of: target.tensor, by: target.decoder) {
      (piece, first) throws(TensorFileError) in
      for (index, weight) in piece.enumerated() {
        weights[first &+ index] = weight
        mask[first &+ index] = weight == 0 ? 0 : 1
      }
    }
    try body(
      WeightView(
        name: target.tensor.layerName, values: weights, shape: target.tensor.shape, seed: seed,
        mask: mask), room)
  }

  // MARK: What goes

  /// Goes through a tensor and says what goes of each piece.
  /// - Parameter body: is given, for each element from an index on, whether it goes.
  /// - Throws: behind the last piece when nothing is left.
  func removals(
    _ index: Int,
    _ body: (UnsafeBufferPointer<Bool>, Int) throws(TensorFileError) -> Void
  ) throws(TensorFileError) {
    let target = targets[index]
    let gone = UnsafeMutableBufferPointer<Bool>.allocate(capacity: SafetensorsReader.pieceMax)
    gone.initialize(repeating: false)
    defer { gone.deallocate() }
    var left = 0
    func hand(_ count: Int, _ first: Int) throws(TensorFileError) {
      let piece = UnsafeBufferPointer(rebasing: gone[..<count])
      for isGone in piece { left &+= isGone ? 0 : 1 }
      try body(piece, first)
    }
    switch method {
    case .scored:
      var cutoff = target.cutoff
      let marks = UnsafeMutablePointer<Float>.allocate(capacity: SafetensorsReader.pieceMax)
      defer { marks.deallocate() }
      try score(index) { (scores, first) throws(TensorFileError) in
        // The smallest of all scores are those of what is 0.
        cutoff?.mark(scores, into: marks)
        let decisive = cutoff == nil ? scores.baseAddress : UnsafePointer(marks)
        guard let decisive else { return }
        for place in 0..<scores.count { gone[place] = decisive[place] == 0 }
        try hand(scores.count, first)
      }
    case .grouped(let method, let removed):
      try whole(target) { (weights, mask) throws(TensorFileError) in
        _ = method.mask(weights, removing: removed, into: mask)
        try Self.pieces(of: weights.count) { (piece) throws(TensorFileError) in
          for place in 0..<piece.count { gone[place] = mask[piece.lowerBound &+ place] == 0 }
          try hand(piece.count, piece.lowerBound)
        }
      }
    }
    if left == 0, target.zerosBefore < target.count {
      throw TensorFileError(
        path: reader.path, problem: "\(PruningRefusal.emptied(target.tensor.layerName))")
    }
  }

  /// Goes through the tensors only to count what goes.
  mutating func preview() throws(TensorFileError) {
    for index in targets.indices {
      var zeros = 0
      try removals(index) { (gone, _) throws(TensorFileError) in
        for one in gone { zeros &+= one ? 1 : 0 }
      }
      targets[index].zerosAfter = zeros
    }
  }

  mutating func note(zeros: Int, of index: Int) { targets[index].zerosAfter = zeros }
}
