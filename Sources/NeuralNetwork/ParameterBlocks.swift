import Tensors

/// All scalars of some parameters cut into blocks of bounded size, for the threads of a pool.
/// Small parameters share a block. The cut does not depend on the number of threads.
struct ParameterBlocks {
  /// Scalars of one parameter.
  struct Piece {
    let parameter: Int
    let offset, count: Int
  }

  private let pieces: [Piece]
  /// The first piece of each block, and the number of pieces.
  private let starts: [Int]

  var count: Int { starts.count - 1 }

  init<Scalar>(_ parameters: [Parameter<Scalar>]) {
    self.init(counts: parameters.map { $0.value.count })
  }

  /// - Parameter counts: scalars of each parameter.
  init(counts: [Int]) {
    let scalarsPerBlockMax = 1 << 16
    var pieces: [Piece] = []
    var starts: [Int] = []
    var room = 0
    for (index, total) in counts.enumerated() {
      var offset = 0
      while offset < total {
        if room == 0 {
          starts.append(pieces.count)
          room = scalarsPerBlockMax
        }
        let count = min(room, total - offset)
        pieces.append(Piece(parameter: index, offset: offset, count: count))
        offset += count
        room -= count
      }
    }
    self.pieces = pieces
    self.starts = starts + [pieces.count]
  }

  func pieces(of block: Int) -> ArraySlice<Piece> {
    pieces[starts[block]..<starts[block + 1]]
  }
}
