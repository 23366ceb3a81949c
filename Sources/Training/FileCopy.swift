import OperatingSystem

extension FileSystem {
  /// Copies a file to a name that is free; when it returns, the copy's bytes are on the disk.
  func copy(_ path: String, to copy: String) throws(SystemError) {
    let chunk = 4 << 20
    let source = try open(path, for: .reading)
    defer { close(source) }
    let target = try open(copy, for: .creating(permissions: 0o666))
    defer { close(target) }
    let size = try status(of: source).size
    var offset = 0
    while offset < size {
      let bytes = try contents(of: source, from: offset, limit: chunk)
      if bytes.isEmpty { break }
      try writeAll(bytes, to: target)
      offset += bytes.count
    }
    try synchronize(target)
  }
}
