/// Files that people point at and that are no logs: what they are, and what helps.
enum ForeignFiles {
  private static let known:
    [(signature: [UInt8], offset: Int, advice: @Sendable (String) -> String)] = [
      ([0x1f, 0x8b], 0, { "it is compressed by gzip: gzip -dc '\($0)' | nntop - shows it" }),
      ([0x28, 0xb5, 0x2f, 0xfd], 0, { "it is compressed by zstd: zstd -dc '\($0)' | nntop -" }),
      ([0xfd, 0x37, 0x7a, 0x58, 0x5a], 0, { "it is compressed by xz: xz -dc '\($0)' | nntop -" }),
      (Array("BZh".utf8), 0, { "it is compressed by bzip2: bzip2 -dc '\($0)' | nntop -" }),
      ([0x04, 0x22, 0x4d, 0x18], 0, { "it is compressed by lz4: lz4 -dc '\($0)' | nntop -" }),
      (Array("PK\u{03}\u{04}".utf8), 0, { _ in "it is a zip archive, as a PyTorch checkpoint is" }),
      ([0x80, 0x02], 0, { _ in "it is a pickle, which nntop never runs; save as safetensors" }),
      ([0x80, 0x04, 0x95], 0, { _ in "it is a pickle, which nntop never runs" }),
      ([0x93] + Array("NUMPY".utf8), 0, { _ in "it is a NumPy array, not a log" }),
      ([0x89] + Array("HDF".utf8), 0, { _ in "it is an HDF5 file, as a Keras model is" }),
      (Array("{\"".utf8), 8, { _ in "it is a safetensors file: nntop FILE shows it" }),
      (Array("ustar".utf8), 257, { _ in "it is a tar archive: tar -xf unpacks it" }),
      ([0x7f] + Array("ELF".utf8), 0, { _ in "it is a program" }),
      (Array("%PDF".utf8), 0, { _ in "it is a PDF document" }),
      ([0x89] + Array("PNG".utf8), 0, { _ in "it is a picture" }),
    ]

  /// What helps with a file that begins so; nil when it is none of these.
  static func advice(on head: LogHead, path: String) -> String? {
    known.first { entry in
      head.bytes.dropFirst(entry.offset).starts(with: entry.signature)
    }?.advice(path)
  }
}
