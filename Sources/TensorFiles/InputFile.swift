import OperatingSystem

/// A regular file open for reading, whose errors name it. Closed when it goes out of scope.
struct InputFile: ~Copyable {
  let path: String
  private let files: any FileSystem
  private let file: OpenFile

  /// - Parameter expected: what the file should be, for the message when it is a directory or a
  ///   pipe: "an IDX file".
  init(_ path: String, expected: String, files: any FileSystem) throws(TensorFileError) {
    self.path = path
    self.files = files
    do throws(SystemError) {
      // Before it is opened: opening a pipe would wait for somebody to write to it.
      if try files.status(at: path).kind == .file {
        file = try files.open(path, for: .reading)
        return
      }
    } catch {
      throw TensorFileError(path: path, error)
    }
    throw TensorFileError(path: path, problem: "it is no file", advice: "give \(expected)")
  }

  deinit {
    files.close(file)
  }

  /// Bytes, at this moment.
  func size() throws(TensorFileError) -> Int { try status().size }

  /// The file at this moment, whatever has its name by now.
  func status() throws(TensorFileError) -> FileStatus {
    do throws(SystemError) {
      return try files.status(of: file)
    } catch {
      throw TensorFileError(path: path, error)
    }
  }

  /// Reads as many bytes as there is room for.
  func fill(
    _ bytes: UnsafeMutableRawBufferPointer, from offset: Int
  ) throws(TensorFileError) {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
      do throws(SystemError) {
        let count = try files.read(file, at: offset + done, into: rest)
        guard count > 0 else { break }
        done += count
      } catch {
        throw TensorFileError(path: path, error)
      }
    }
    guard done == bytes.count else {
      throw TensorFileError(
        path: path, offset: offset + done, problem: "the file became shorter while it was read",
        advice: "try again")
    }
  }

  /// The bytes from an offset to the file's present end, at most `limit` of them.
  func contents(from offset: Int, limit: Int) throws(TensorFileError) -> [UInt8] {
    do throws(SystemError) {
      return try files.contents(of: file, from: offset, limit: limit)
    } catch {
      throw TensorFileError(path: path, error)
    }
  }
}
