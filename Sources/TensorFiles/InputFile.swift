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
  func size() throws(TensorFileError) -> Int {
    do throws(SystemError) {
      return try files.status(of: file).size
    } catch {
      throw TensorFileError(path: path, error)
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
