import Glibc

/// An array with pages on both sides that end the process when they are touched.
final class FencedFloats {
  let scalars: UnsafeMutablePointer<Float>

  private let memory: UnsafeMutableRawPointer
  private let byteCount: Int

  /// - Parameter isAtEnd: whether the array ends where the fence begins, or begins where one ends.
  init(_ values: [Float], isAtEnd: Bool) {
    let page = Int(getpagesize())
    let bytes = values.count * MemoryLayout<Float>.stride
    let room = (bytes + page - 1) / page * page
    byteCount = room + 2 * page
    guard
      let memory = mmap(
        nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      memory != MAP_FAILED,
      mprotect(memory, page, PROT_NONE) == 0,
      mprotect(memory + page + room, page, PROT_NONE) == 0
    else { preconditionFailure("pages for a test") }
    self.memory = memory
    scalars = (memory + page + (isAtEnd ? room - bytes : 0)).bindMemory(
      to: Float.self, capacity: values.count)
    scalars.initialize(from: values, count: values.count)
  }

  deinit {
    munmap(memory, byteCount)
  }
}
