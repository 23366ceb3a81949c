import Glibc
import OperatingSystem

/// Writes a safetensors file like another one, a piece at a time: the same texts, the same tensors
/// in the same order, and perhaps further ones behind them.
public struct SafetensorsRewrite: Sendable {
  /// What is written, in order.
  public let tensors: [SafetensorsHeader.Entry]
  private let header: [UInt8]
  private let files: any FileSystem

  /// Without further tensors the header is the other file's own, byte for byte.
  /// - Parameter further: tensors to come behind those of the file, by name, type and shape.
  public init(
    of reader: SafetensorsReader,
    adding further: [(name: String, type: ElementType, shape: [Int])] = [],
    files: any FileSystem = LocalFileSystem()
  ) throws(TensorFileError) {
    self.files = files
    guard !further.isEmpty else {
      tensors = reader.header.tensors
      header = try reader.headerBytes()
      return
    }
    var tensors = reader.header.tensors
    for (name, type, shape) in further {
      let end = tensors.last?.bytes.upperBound ?? 0
      let count = type.byteCount(shape: shape) ?? 0
      tensors.append(
        SafetensorsHeader.Entry(name: name, type: type, shape: shape, bytes: end..<end + count))
    }
    self.tensors = tensors
    header = try SafetensorsWriter.header(
      for: tensors, metadata: reader.header.metadata, path: reader.path)
  }

  /// Bytes of the file.
  public var byteCount: Int { header.count + (tensors.last?.bytes.upperBound ?? 0) }

  /// Where a file's bytes go.
  public struct Sink {
    fileprivate let files: any FileSystem
    fileprivate let file: OpenFile
    fileprivate let path: String

    /// Writes bytes behind those before.
    public func write(_ bytes: [UInt8]) throws(TensorFileError) {
      do throws(SystemError) {
        try files.writeAll(bytes, to: file)
      } catch {
        throw TensorFileError(path: path, error)
      }
    }

    /// The same of bytes that stand elsewhere.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(TensorFileError) {
      do throws(SystemError) {
        try files.writeAll(bytes, to: file)
      } catch {
        throw TensorFileError(path: path, error)
      }
    }
  }

  /// Writes the file and returns when it is on the disk. When anything fails, nothing changes under
  /// `path`, and what was written is removed.
  /// - Parameter data: writes the bytes of all `tensors`, in order.
  public func write(
    to path: String, data: (Sink) throws(TensorFileError) -> Void
  ) throws(TensorFileError) {
    var failure: TensorFileError?
    do throws(SystemError) {
      try files.replace(path) { (file) throws(SystemError) in
        do throws(TensorFileError) {
          let sink = Sink(files: files, file: file, path: path)
          try sink.write(header)
          try data(sink)
        } catch {
          failure = error
          throw SystemError(operation: "write", path: path, code: EIO)
        }
        let written = try files.status(of: file).size
        precondition(written == byteCount, "all tensors are written, and nothing else")
      }
    } catch {
      throw failure ?? TensorFileError(path: path, error)
    }
  }
}
