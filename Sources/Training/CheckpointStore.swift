import JSONText
import OperatingSystem
import RunLog
import TensorFiles
import Tensors

/// The checkpoints of a run: which are written, which stay, and which one a resume begins with.
final class CheckpointStore {
  private let directory: RunDirectory
  private let files: any FileSystem
  private let keep: Int
  /// Files that each retained checkpoint's undo needs, by the checkpoint's name.
  private var undoFiles: [String: Set<String>] = [:]
  /// Announced or about to be, oldest first; the newest `keep` stay.
  private var regular: [String] = []
  /// Copy of the best state by validation, waiting to be written with the next checkpoint.
  private var bestCopy: BestCopy?
  private var bestFile: String?

  private struct BestCopy {
    var tensors: [(name: String, tensor: Tensor<Float>)]
    var masks: [(name: String, tensor: Tensor<Float>)]
    var description: JSON
    var step, change: Int
    var isWritten: Bool
  }

  init(_ directory: RunDirectory, files: any FileSystem, keep: Int) {
    self.directory = directory
    self.files = files
    self.keep = keep
  }

  func path(of name: String) -> String { Path.join(directory.checkpointsPath, name) }

  func exists(_ name: String) -> Bool { files.exists(path(of: name)) }

  /// Like `exists`, but throws when it cannot be told: no permission, a disk that fails.
  func isReadable(_ name: String) throws(SystemError) -> Bool {
    do throws(SystemError) {
      files.close(try files.open(path(of: name), for: .reading))
      return true
    } catch  where error.isMissing {
      return false
    }
  }

  /// Puts a damaged file aside, for somebody to look at.
  func putAside(_ name: String) {
    do throws(SystemError) {
      try files.rename(path(of: name), to: path(of: name) + ".damaged")
    } catch { EngineOutput.line("\(error)") }
  }

  /// Writes the state if it is not there yet; true when a file was written.
  func write(_ session: TrainingSession, name: String) throws(TensorFileError) -> Bool {
    if exists(name) { return false }
    do throws(SystemError) {
      try files.createDirectories(directory.checkpointsPath)
    } catch {
      throw TensorFileError(path: directory.checkpointsPath, problem: "\(error)")
    }
    try Checkpoint.write(session, to: path(of: name), files: files)
    return true
  }

  /// Counts a checkpoint among the regular ones and removes what is no longer needed.
  func retain(_ name: String, of session: TrainingSession) {
    regular.removeAll { $0 == name }
    regular.append(name)
    undoFiles[name] = Self.undoFiles(of: session.state)
    removeUnneeded(keepingUndoOf: session)
  }

  /// Takes a copy of the state in memory; the next regular checkpoint writes it.
  func noteBest(_ session: TrainingSession) {
    let masks = session.network.prunableParameters.compactMap { parameter in
      parameter.mask.map { ("mask." + parameter.name, $0) }
    }
    let live = Checkpoint.tensors(of: session)
    let isOfSameShapes =
      bestCopy?.tensors.elementsEqual(live) {
        $0.name == $1.name && $0.tensor.shape == $1.tensor.shape
      } ?? false
    if !isOfSameShapes {
      bestCopy = BestCopy(
        tensors: live.map { ($0.name, Tensor(shape: $0.tensor.shape)) },
        masks: [], description: .null, step: 0, change: 0, isWritten: true)
    }
    for (index, source) in live.enumerated() {
      bestCopy?.tensors[index].tensor.copy(from: source.tensor)
    }
    // Masks are replaced, never changed in place, so they need no copy.
    bestCopy?.masks = masks
    bestCopy?.description = Checkpoint.describe(session)
    bestCopy?.step = session.state.step
    bestCopy?.change = session.state.changesAtStep
    bestCopy?.isWritten = false
  }

  /// Writes the best state if it waits; returns its name when a file was written.
  func writeBest() throws(TensorFileError) -> (name: String, step: Int)? {
    guard let best = bestCopy, !best.isWritten else { return nil }
    let name = Checkpoint.fileName(step: best.step, change: best.change)
    let isNew = !exists(name)
    if isNew {
      try Checkpoint.write(
        tensors: best.tensors, masks: best.masks, description: best.description,
        to: path(of: name), files: files)
    }
    bestCopy?.isWritten = true
    bestFile = name
    return isNew ? (name, best.step) : nil
  }

  private static func undoFiles(of state: TrainingSession.State) -> Set<String> {
    Set(state.undoStack.compactMap(\.checkpoint))
  }

  private func removeUnneeded(keepingUndoOf session: TrainingSession) {
    if regular.count > keep {
      for name in regular.prefix(regular.count - keep) { undoFiles[name] = nil }
      regular.removeFirst(regular.count - keep)
    }
    var needed = Set(regular).union(Self.undoFiles(of: session.state))
    for names in undoFiles.values { needed.formUnion(names) }
    if let bestFile { needed.insert(bestFile) }
    let present: [String]
    do throws(SystemError) {
      present = try files.entries(of: directory.checkpointsPath)
    } catch { return }
    for name in present where !needed.contains(name) && Checkpoint.stepAndChange(of: name) != nil {
      files.discard(path(of: name))
    }
  }

  /// Takes over what an earlier session left: the newest announced checkpoints and the best. Files
  /// of later states go: that stretch is trained again, perhaps otherwise.
  /// - Parameter state: what was restored; nil when the run begins again.
  func adopt(announced: [String], upTo state: TrainingSession.State?) {
    do throws(SystemError) {
      for name in try files.entries(of: directory.checkpointsPath)
      where Self.isStale(name, behind: state) {
        files.discard(path(of: name))
      }
    } catch {}  // a run that has no checkpoints yet
    let present = Self.ordered(announced).filter(exists)
    regular = Array(present.suffix(keep))
    if let state, let restored = regular.last { undoFiles[restored] = Self.undoFiles(of: state) }
    if let best = state?.best {
      bestFile = present.last { Checkpoint.stepAndChange(of: $0)?.step == best.step }
    }
  }

  /// True for a later state, and for what a write left that was killed.
  private static func isStale(_ name: String, behind state: TrainingSession.State?) -> Bool {
    if name.hasPrefix("step-") && name.hasSuffix(".tmp") { return true }
    guard let found = Checkpoint.stepAndChange(of: name) else { return false }
    guard let state else { return true }
    return found > (state.step, state.changesAtStep)
  }

  /// Announced names without repetition, oldest state first.
  static func ordered(_ announced: [String]) -> [String] {
    Set(announced).compactMap { name in
      Checkpoint.stepAndChange(of: name).map { (name, $0) }
    }.sorted { ($0.1.step, $0.1.change) < ($1.1.step, $1.1.change) }.map(\.0)
  }
}
