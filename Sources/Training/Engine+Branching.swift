import JSONText
import OperatingSystem
import RunLog

/// Second runs from the present state.
///
/// A branch changes no number of this run, so nothing of it is done again: the answer comes when
/// the child's engine runs. What is cut short before that is found again by the next session.
extension Engine {
  /// Makes a run of the present state, starts an engine on it, and answers with its name; or
  /// refuses, and leaves nothing behind.
  func branch(_ wish: ControlCommand.BranchRequest, _ command: ControlCommand) {
    do {
      guard let startEngine else {
        throw ControlCommand.Request.Refusal("this engine starts no others")
      }
      let child = try makeBranch(wish, command)
      do {
        try startEngine(child)
      } catch {
        files.discardRun(child)
        throw error
      }
      let name = Path.name(of: child.path)
      log.note(.branch(name: name, path: child.path), step: session.state.step)
      answerBranch(name, command)
    } catch let refusal as ControlCommand.Request.Refusal {
      refuse(command.id, refusal.reason)
    } catch {
      refuse(command.id, "no branch was made: \(error)")
    }
  }

  private func makeBranch(
    _ wish: ControlCommand.BranchRequest, _ command: ControlCommand
  ) throws -> RunDirectory {
    guard let manifest = try directory.readManifest(files) else {
      throw EngineError("\(directory.manifestPath) is missing")
    }
    let wallTime = clock.wallSeconds()
    let changes = try wish.changes.map { request in
      let change = ControlCommand(
        id: ControlCommand.makeID(), wallTime: wallTime, author: command.author, request: request)
      return (change, try promise(of: change))
    }
    let creation = BranchCreation(parent: directory, files: files)
    let names = try creation.freeNames(wish.name)
    return try creation.create(
      named: names,
      .init(
        manifest: manifest, step: session.state.step, checkpoint: try writeCheckpoint(),
        undoCheckpoints: session.state.undoStack.compactMap(\.checkpoint), changes: changes,
        wallTime: wallTime))
  }

  /// The answer to a change that would be applied to the present state.
  private func promise(
    of change: ControlCommand
  ) throws(ControlCommand.Request.Refusal) -> JournalRecord.Answer {
    var answer = JournalRecord.Answer(
      id: change.id, status: .applied, request: change.request.json)
    switch change.request {
    case .setLearningRate(let wish):
      let planned = try planned(wish)
      (answer.old, answer.new) = (.number(planned.old), .number(planned.new))
    case .prune(let wish):
      fill(&answer, try planned(wish))
    default: throw .init("a branch is not changed by \(change.request.name)")
    }
    return answer
  }

  private func answerBranch(_ name: String, _ command: ControlCommand, reason: String? = nil) {
    answeredBranches.insert(name)
    log.note(
      .answer(
        .init(
          id: command.id, status: .applied, request: command.request.json, reason: reason,
          new: .string(name))), step: session.state.step)
  }

  /// Answers a branch that an earlier session made without coming to the answer: the child that
  /// names this run as its parent and that nobody was told of. False when there is none.
  func answerBranchMadeBefore(
    _ wish: ControlCommand.BranchRequest, _ command: ControlCommand
  ) -> Bool {
    let creation = BranchCreation(parent: directory, files: files)
    let names: [String]
    do throws(ControlCommand.Request.Refusal) {
      names = try creation.names(wish.name)
    } catch { return false }  // no child can have such a name
    for name in names {
      let child = RunDirectory(path: Path.join(creation.runs, name))
      guard !answeredBranches.contains(name), let origin = origin(of: child),
        origin.run == directory.name
      else { continue }
      if !branches.contains(name) {
        log.note(.branch(name: name, path: child.path), step: Int(clamping: origin.step))
      }
      answerBranch(
        name, command,
        reason: "the engine ended before it could answer; nntop resume \(child.path) starts the "
          + "branch if it does not run")
      return true
    }
    return false
  }

  private func origin(of child: RunDirectory) -> RunManifest.Parent? {
    do { return try child.readManifest(files)?.parent } catch { return nil }
  }
}
