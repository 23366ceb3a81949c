import Glibc

extension FileSystem {
  /// Writes all bytes, however many calls that takes.
  public func writeAll(_ bytes: UnsafeRawBufferPointer, to file: OpenFile) throws(SystemError) {
    var written = 0
    while written < bytes.count {
      let count = try write(UnsafeRawBufferPointer(rebasing: bytes[written...]), to: file)
      guard count > 0 else { throw SystemError(operation: "write to", path: file.path, code: EIO) }
      written += count
    }
  }

  /// Writes an array from an index on; returns how many bytes went in, at least one.
  public func write(
    _ bytes: [UInt8], from start: Int = 0, to file: OpenFile
  ) throws(SystemError) -> Int {
    let result = bytes.withUnsafeBytes { buffer -> Result<Int, SystemError> in
      do throws(SystemError) {
        return .success(try write(UnsafeRawBufferPointer(rebasing: buffer[start...]), to: file))
      } catch { return .failure(error) }
    }
    let count = try result.get()
    guard count > 0 else { throw SystemError(operation: "write to", path: file.path, code: EIO) }
    return count
  }

  public func exists(_ path: String) -> Bool {
    do {
      _ = try status(at: path)
      return true
    } catch { return false }
  }

  public func isDirectory(_ path: String) -> Bool {
    do { return try status(at: path).kind == .directory } catch { return false }
  }

  /// The file's bytes from `offset` to its present end, at most `limit` of them.
  public func contents(
    of path: String, from offset: Int = 0, limit: Int
  ) throws(SystemError) -> [UInt8] {
    let file = try open(path, for: .reading)
    defer { close(file) }
    return try contents(of: file, from: offset, limit: limit)
  }

  /// The same of a file that is open.
  public func contents(
    of file: OpenFile, from offset: Int, limit: Int
  ) throws(SystemError) -> [UInt8] {
    let size = try status(of: file).size
    let wanted = min(max(0, size - offset), limit)
    var failure: SystemError?
    let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
      count = 0
      while count < wanted {
        do throws(SystemError) {
          let rest = UnsafeMutableRawBufferPointer(
            rebasing: UnsafeMutableRawBufferPointer(buffer)[count..<wanted])
          let got = try read(file, at: offset + count, into: rest)
          if got == 0 { return }
          count += got
        } catch {
          failure = error
          return
        }
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Puts a file under its final name only when all of it is on the disk: temporary name,
  /// `fsync`, rename, `fsync` of the directory. When anything up to the rename fails nothing
  /// changes under the final name and the temporary file is removed; when only the directory's
  /// `fsync` fails, the new file is there, but a loss of power may bring the old one back.
  public func replace(
    _ path: String, permissions: UInt32 = 0o666,
    writing body: (OpenFile) throws(SystemError) -> Void
  ) throws(SystemError) {
    let temporary = "\(path).\(getpid()).tmp"
    if exists(temporary) { try remove(temporary) }
    let file = try open(temporary, for: .creating(permissions: permissions))
    do throws(SystemError) {
      defer { close(file) }
      try body(file)
      try synchronize(file)
    } catch {
      discard(temporary)
      throw error
    }
    do throws(SystemError) {
      try rename(temporary, to: path)
    } catch {
      discard(temporary)
      throw error
    }
    try synchronizeDirectory(Path.parent(of: path))
  }

  /// The same for bytes at hand.
  public func replace(
    _ path: String, with bytes: [UInt8], permissions: UInt32 = 0o666
  ) throws(SystemError) {
    try replace(path, permissions: permissions) { (file) throws(SystemError) in
      try writeAll(bytes, to: file)
    }
  }

  /// Writes all bytes of an array.
  public func writeAll(_ bytes: [UInt8], to file: OpenFile) throws(SystemError) {
    var written = 0
    while written < bytes.count { written += try write(bytes, from: written, to: file) }
  }

  /// Removes a file that may be gone already; used where nothing more can be done about it.
  public func discard(_ path: String) {
    do { try remove(path) } catch { return }
  }

  /// Creates a directory and those above it that are missing.
  public func createDirectories(_ path: String) throws(SystemError) {
    if path.isEmpty || isDirectory(path) { return }
    try createDirectories(Path.parent(of: path))
    do throws(SystemError) {
      try createDirectory(path, permissions: 0o777)
    } catch  where error.code == EEXIST && isDirectory(path) {
      return  // somebody else made it meanwhile
    }
  }
}
