import Glibc
import LogFormats
import OperatingSystem
import RunLog
import TerminalUI

/// The only loop: waits for keys, signals and logs, updates the state, does what the update asks
/// for, and presents the screen when it changed.
public struct DashboardLoop {
  private var terminal: any Terminal
  private var state: DashboardState
  private var options: Options
  private let files: any FileSystem
  private let clock: any Clock
  private let signals: SignalPipe
  private let keymap: Keymap

  private var watcher = FileWatcher()
  private var finder: RunFinder
  private var logs: [String: FollowedLog] = [:]
  /// The runs whose files lie in a directory.
  private var pathsByDirectory: [String: Set<String>] = [:]
  /// Runs in whose directories something was written.
  private var changed: Set<String> = []
  /// Runs in the order in which they are looked at, notified or not, and the next of them.
  private var patrolOrder: [String] = []
  private var patrolPlace = 0
  private var nextPatrol = 0.0
  private var nextSearch = 0.0
  private var machineReader: MachineReader
  private var nextMachineReading = 0.0
  private var lastPresent = -Double.infinity
  private var isUrgent = true
  private var isStale = true
  private var hasMoreToRead = false
  /// Runs that were never read to their end, newest first.
  private var unread: [String] = []
  /// The run that was shown when logs were read last.
  private var readPath: String?
  /// What the newest frame cost on the wire.
  private var lastFrameBytes = 0
  private var shownTitle = ""

  /// Data alone changes the screen at most this often; keys and answers at once.
  private static let frameSeconds = 0.3
  /// How often logs are looked at, notified or not: the shown ones each time, of the others some.
  private static let patrolSeconds = 0.8
  private static let patrolledMax = 50
  /// How often the directories are searched for new runs; where that takes long, less often.
  private static let searchSeconds = 2.0
  private static let searchShareMax = 0.005
  /// How often this machine is looked at while that is shown.
  private static let machineSeconds = 5.0
  /// Reading stops after this long to draw and to take keys.
  private static let readingSecondsMax = 0.05
  private static let inputsPerRoundMax = 256

  /// What the loop is told from outside.
  public struct Options {
    /// Directories and logs that are shown.
    public var targets: [String]
    /// Refuse all steering.
    public var isReadOnly = false
    /// Steer runs of other users too.
    public var steersOthers = false
    /// The run that is shown first; nil: the newest.
    public var selected: String?
    /// What can be begun where there is no run.
    public var startChoices: [StartChoice] = []
    /// Starts an experiment, the built-in one for nil; returns the run's path or what went wrong.
    public var startExperiment: (String?) -> Result<String, StartFailure>
    /// Starts a training of a candidate by itself, for so many epochs: the search's path, the
    /// candidate's id; returns the new run's path or what went wrong.
    public var startRunOfCandidate: (String, String, Int) -> Result<String, StartFailure>
    /// How the dashboard begins: as an earlier session left it, or as configured.
    public var view = RememberedView()
    /// Keeps for the next session how this one left it.
    public var remember: (RememberedView) -> Void = { _ in }
    /// The themes that can be chosen.
    public var themes: [Theme] = []
    public var keymap = Keymap()
    public var settings = DisplaySettings()
    /// What was wrong with the configuration, a line each.
    public var problems: [String] = []
    /// What data alone may send to the terminal, in bytes a second; 0: as much as it takes.
    public var bytesPerSecond = 0
    /// What every target is taken for; nil: what it holds.
    public var format: LogFormat?
    /// What the target "-" reads.
    public var input: PipedInput?

    public init(
      targets: [String], startExperiment: @escaping (String?) -> Result<String, StartFailure>,
      startRunOfCandidate: @escaping (String, String, Int) -> Result<String, StartFailure>
    ) {
      self.targets = targets
      self.startExperiment = startExperiment
      self.startRunOfCandidate = startRunOfCandidate
    }
  }

  /// Why no run was started.
  public struct StartFailure: Error {
    public let reason: String

    public init(_ reason: String) {
      self.reason = reason
    }
  }

  public init(
    terminal: any Terminal, options: Options, signals: SignalPipe,
    files: any FileSystem = LocalFileSystem(), clock: any Clock = SystemClock()
  ) {
    self.terminal = terminal
    self.options = options
    self.files = files
    self.clock = clock
    self.signals = signals
    machineReader = MachineReader(files: files)
    finder = RunFinder(
      files: files, clock: clock, format: options.format, input: options.input)
    keymap = options.keymap
    state = DashboardState(
      size: terminal.size, glyphs: terminal.glyphs, places: options.targets)
    state.notice = terminal.notice
    state.hasColors = terminal.colorDepth > .monochrome
    state.startChoices = options.startChoices
    state.themes = options.themes.map(\.name)
    state.theme = terminal.theme.name
    state.settings = options.settings
    state.settings.theme = terminal.theme.name
    let now = clock.monotonicSeconds()
    _ = update(&state, .remembered(options.view), at: now)
    for problem in options.problems { _ = update(&state, .misconfigured(problem), at: now) }
    state.selectedPath = options.selected
    if let theme = options.themes.first(where: { $0.name == state.theme }) {
      self.terminal.theme = theme
    }
  }

  /// Runs until the user leaves or the terminal goes away.
  public mutating func run() {
    defer { close() }
    if state.hasMouse { terminal.setMouse(true) }
    while true {
      let now = clock.monotonicSeconds()
      if now >= nextSearch { search(now) }
      // The first frame waits for the shown run alone.
      let isPatrol = now >= nextPatrol && lastPresent > -.infinity
      if isPatrol {
        nextPatrol = now + Self.patrolSeconds
        lookAtClock(now)
      }
      // Whoever writes into the pipe must not wait for a display that stands still.
      options.input?.pump()
      if !state.isFrozen { readLogs(patrolling: isPatrol) }
      if state.view == SystemView().name && now >= nextMachineReading { readMachine(now) }
      presentWhenDue()
      waitForSomething()
      if !takeSignals() || !takeInput() { return }
    }
  }

  private mutating func close() {
    options.remember(state.remembered)
    watcher.close()
    terminal.close()
  }

  // MARK: Waiting and drawing

  private mutating func waitForSomething() {
    let now = clock.monotonicSeconds()
    var wakeAt = min(nextPatrol, nextSearch)
    if hasMoreToRead && !state.isFrozen { wakeAt = now }
    if isStale { wakeAt = min(wakeAt, nextDataFrame) }
    for toast in state.toasts { if let until = toast.until { wakeAt = min(wakeAt, until) } }
    let input = options.input.flatMap { $0.hasEnded ? nil : $0.descriptor }
    // A display that stands still does not read what the watcher tells of.
    let descriptors = [
      terminal.inputDescriptor, signals.descriptor, state.isFrozen ? nil : watcher.descriptor,
      input,
    ]
    _ = Readiness.wait(
      for: descriptors.compactMap { $0 }, timeoutSeconds: max(0, wakeAt - now))
    let later = clock.monotonicSeconds()
    if state.toasts.contains(where: { $0.until.map { $0 <= later } ?? false }) {
      handle(.tick)
    }
  }

  private mutating func presentWhenDue() {
    let now = clock.monotonicSeconds()
    guard isUrgent || (isStale && now >= nextDataFrame) else { return }
    // A line that takes no output now gets the next frame instead of this one.
    guard terminal.isOutputReady else {
      lastPresent = now
      (isUrgent, isStale) = (false, true)
      return
    }
    _ = update(&state, .frame, at: now, keymap: keymap)
    let bytesBefore = terminal.bytesSent
    terminal.present(render(state, keymap: keymap))
    showTitle()
    lastFrameBytes = terminal.bytesSent - bytesBefore
    lastPresent = clock.monotonicSeconds()
    (isUrgent, isStale) = (false, false)
  }

  /// When data alone may change the screen again, by time and by what the line may carry.
  private var nextDataFrame: Double {
    let budget = Double(options.bytesPerSecond)
    let pause = budget > 0 ? Double(lastFrameBytes) / budget : 0
    return lastPresent + max(Self.frameSeconds, pause)
  }

  private mutating func showTitle() {
    guard let run = state.selected?.run else { return }
    let word = Header.stateWords(run, state.glyphs, at: state.wallNow).word
    let title = "nntop: \(SafeText.cleaned(run.name, maxLength: 60)) \(word)"
    guard title != shownTitle else { return }
    shownTitle = title
    terminal.setTitle(title)
  }

  // MARK: Keys and signals

  /// False when it is time to leave.
  private mutating func takeInput() -> Bool {
    for _ in 0..<Self.inputsPerRoundMax {
      guard let input = terminal.nextInput() else { return true }
      if input == .resized {
        handle(.resized(terminal.size))
      } else if !handle(.input(input)) {
        return false
      }
    }
    return true
  }

  private mutating func takeSignals() -> Bool {
    for signal in signals.received() {
      switch signal {
      case SIGWINCH:
        terminal.resized()
        handle(.resized(terminal.size))
      case SIGCONT:
        terminal.redraw()
        isUrgent = true
      case SIGTSTP:
        terminal.suspend()
        isUrgent = true
      case SIGTERM, SIGHUP, SIGINT: return false
      default: continue
      }
    }
    var polled = pollfd(fd: terminal.inputDescriptor, events: Int16(POLLIN), revents: 0)
    let isGone =
      poll(&polled, 1, 0) > 0 && polled.revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0
    return !isGone
  }

  /// Updates the state and does what that asks for; false when it asks to leave.
  @discardableResult
  private mutating func handle(_ message: Message) -> Bool {
    isUrgent = true
    for effect in update(&state, message, at: clock.monotonicSeconds(), keymap: keymap) {
      switch effect {
      case .quit: return false
      case .suspend: terminal.suspend()
      case .redraw: terminal.redraw()
      case .send(let id, let request, let path): send(id, request, to: path)
      case .setMouse(let isOn): terminal.setMouse(isOn)
      case .setTheme(let name):
        if let theme = options.themes.first(where: { $0.name == name }) { terminal.theme = theme }
      case .write(let path, let text): write(text, to: path)
      case .readRegion(let request): read(request)
      case .start(let start): begin(start)
      case .startRunOfCandidate(let search, let id, let epochs):
        tellOutcome(options.startRunOfCandidate(search, id, epochs))
      case .follow(let path, let purpose): follow(path, purpose)
      }
    }
    return true
  }

  private mutating func read(_ request: WeightRegion.Request) {
    do throws(WeightRegionError) {
      let region = try WeightRegion.read(request, files: files)
      handle(.region(request, region))
    } catch {
      handle(.noRegion(request, problem: error.reason))
    }
  }

  private mutating func begin(_ start: StartChoice.Start) {
    switch start {
    case .target(let path):
      options.targets.append(path)
      handle(.started(path: path))
    case .experiment(let path):
      tellOutcome(options.startExperiment(path))
    }
    nextSearch = 0
  }

  private mutating func tellOutcome(_ start: Result<String, StartFailure>) {
    switch start {
    case .success(let path):
      // It may lie where nobody looks.
      if !options.targets.contains(path) { options.targets.append(path) }
      handle(.started(path: path))
    case .failure(let failure): handle(.notStarted(problem: failure.reason))
    }
    nextSearch = 0
  }

  /// Follows one more run, found by its path.
  private mutating func follow(_ path: String, _ purpose: Effect.FollowPurpose) {
    if logs[path] == nil {
      do throws(RunFinderError) {
        let found = try finder.runs(at: path).filter { $0.path == path && logs[$0.path] == nil }
        guard !found.isEmpty else {
          _ = handle(.notFollowed(problem: "\(path): there is no run"))
          return
        }
        for run in found { follow(run) }
        handle(.runsFound(found.map { (found: $0, access: access(to: $0.place)) }))
      } catch {
        _ = handle(.notFollowed(problem: "\(error)"))
        return
      }
    }
    handle(.followed(path: path, purpose))
  }

  private mutating func write(_ text: String, to path: String) {
    do throws(SystemError) {
      if files.exists(path) {
        _ = handle(.notWritten(problem: "\(path) exists already; choose another name"))
        return
      }
      try files.replace(path, with: Array(text.utf8))
      handle(.written(path: path))
    } catch {
      handle(.notWritten(problem: "not written: \(error)"))
    }
  }

  private mutating func send(
    _ id: String, _ request: ControlCommand.Request, to path: String
  ) {
    let author = "\(Environment.userName)@\(Environment.terminalName)"
    let command = ControlCommand(
      id: id, wallTime: clock.wallSeconds(), author: author, request: request)
    do throws(SystemError) {
      let writer = try JSONLinesWriter(
        path: RunDirectory(path: path).controlPath, files: files, permissions: 0o600)
      defer { writer.close() }
      try writer.append(command.json)
      handle(.sent(.init(id: id, runPath: path, request: request)))
    } catch {
      handle(.notSent(problem: "not sent: \(error)"))
    }
  }

  private mutating func readMachine(_ now: Double) {
    guard !state.isFrozen else { return }
    nextMachineReading = now + Self.machineSeconds
    let disk = state.selectedPath.map(Path.parent) ?? "."
    let reading = machineReader.read(disk: disk)
    _ = update(&state, .machine(reading), at: now, keymap: keymap)
    isStale = true
  }

  /// A run that is quiet for long looks otherwise, though nothing came.
  private mutating func lookAtClock(_ now: Double) {
    let before = state.selected?.run.state(at: state.wallNow)
    let toastsBefore = state.toasts.count
    _ = update(&state, .clock(wallSeconds: clock.wallSeconds()), at: now, keymap: keymap)
    if before != state.selected?.run.state(at: state.wallNow) { isStale = true }
    if state.hasOldCandidates { isStale = true }
    if state.toasts.count < toastsBefore { isUrgent = true }
  }

  // MARK: Logs

  private mutating func search(_ now: Double) {
    var found: [RunFinder.Found] = []
    // A branch lies beside its parent, where a single run as target does not lead.
    let beside = state.marked.filter { logs[$0] == nil && files.isDirectory($0) }
    for target in options.targets + beside.sorted() {
      // A file that is one run stays that run.
      if let log = logs[target], !files.isDirectory(log.place) { continue }
      do throws(RunFinderError) {
        found += try finder.runs(at: target)
      } catch { continue }  // a place that is not there yet may come
    }
    let known = logs
    let new = found.filter { known[$0.path] == nil }
    for run in new { follow(run) }
    if !new.isEmpty {
      let preferred = state.runs.isEmpty ? preferred(of: new, finder) : nil
      handle(
        .runsFound(
          new.map { (found: $0, access: access(to: $0.place)) }, preferred: preferred))
    }
    for (path, log) in known where path != RunFinder.inputPath && !files.exists(log.place) {
      logs[path] = nil
      patrolOrder.removeAll { $0 == path }
      handle(.runGone(path: path))
    }
    let cost = clock.monotonicSeconds() - now
    nextSearch = now + max(Self.searchSeconds, cost / Self.searchShareMax)
  }

  private mutating func follow(_ run: RunFinder.Found) {
    logs[run.path] = FollowedLog(reader: run.open(), place: run.place)
    patrolOrder.append(run.path)
    unread.append(run.path)
    for directory in run.directories {
      pathsByDirectory[directory, default: []].insert(run.path)
      watcher.watch(directory)
    }
  }

  /// The run that somebody who asks for none wants to see: one that lives, else the one that was
  /// shown when the dashboard was left, else the newest.
  private func preferred(of runs: [RunFinder.Found], _ finder: RunFinder) -> String? {
    let liveliest = finder.liveliest(of: runs)?.path
    let last = options.view.selected.flatMap { path in runs.first { $0.path == path }?.path }
    guard let last, let liveliest else { return liveliest }
    return finder.isAlive(liveliest) ? liveliest : last
  }

  private func access(to path: String) -> DashboardState.Access {
    let directory = RunDirectory(path: path)
    if options.isReadOnly { return .readOnly(reason: "--read-only") }
    let owner: UInt32
    do throws(SystemError) {
      owner = try files.status(at: directory.controlPath).owner
    } catch {
      return .readOnly(reason: "this run takes no commands")
    }
    if Glibc.access(directory.controlPath, W_OK) != 0 {
      return .readOnly(reason: "its control file may not be written")
    }
    if owner != Environment.userIdentifier && !options.steersOthers {
      return .readOnly(reason: "another user's run; --steer allows it")
    }
    return .steerable
  }

  /// Reads what has come of the shown runs, of those in whose directories something was written,
  /// and on patrol of some others, for a bounded time.
  private mutating func readLogs(patrolling: Bool) {
    for directory in watcher.drain() { changed.formUnion(pathsByDirectory[directory] ?? []) }
    if options.input?.hasWaiting == true { changed.insert(RunFinder.inputPath) }
    // Keys alone do not make it look into files that nobody wrote to.
    let isSelected = state.selectedPath != readPath
    guard patrolling || isSelected || hasMoreToRead || !changed.isEmpty || !unread.isEmpty else {
      return
    }
    readPath = state.selectedPath
    hasMoreToRead = false
    let start = clock.monotonicSeconds()
    for path in pathsToRead(patrolling: patrolling) {
      // The first frame waits for the shown run alone.
      if lastPresent == -.infinity && path != state.selectedPath { break }
      guard read(path, until: start + Self.readingSecondsMax) else {
        hasMoreToRead = true
        return
      }
    }
    if !unread.isEmpty { hasMoreToRead = true }
  }

  /// Reads a run to its present end; false when time was up before.
  private mutating func read(_ path: String, until end: Double) -> Bool {
    while let batch = logs[path]?.reader.read() {
      take(batch, of: path)
      if !batch.hasMore {
        changed.remove(path)
        if let index = unread.lastIndex(of: path) { unread.remove(at: index) }
        return clock.monotonicSeconds() < end
      }
      if clock.monotonicSeconds() >= end { return false }
    }
    changed.remove(path)
    return true
  }

  private mutating func pathsToRead(patrolling: Bool) -> [String] {
    let shown = [state.selectedPath].compactMap { $0 } + state.marked.sorted()
    var paths = shown + state.pending.map(\.runPath) + changed.sorted() + unread.reversed()
    if patrolling, !patrolOrder.isEmpty {
      for _ in 0..<min(Self.patrolledMax, patrolOrder.count) {
        paths.append(patrolOrder[patrolPlace % patrolOrder.count])
        patrolPlace = (patrolPlace + 1) % patrolOrder.count
      }
    }
    var seen: Set<String> = []
    return paths.filter { seen.insert($0).inserted }
  }

  private mutating func take(_ batch: LogBatch, of path: String) {
    guard !batch.events.isEmpty || batch.isRestart else { return }
    let pendingBefore = state.pending.count
    let stateBefore = state.selected?.run.state
    let wasReading = state.selected?.reading != nil
    _ = update(&state, .log(path: path, batch), at: clock.monotonicSeconds(), keymap: keymap)
    if wasReading && state.selected?.reading == nil { isUrgent = true }
    if path == state.selectedPath || state.marked.contains(path) || state.view == RunsView().name {
      isStale = true
    }
    if state.pending.count != pendingBefore || state.selected?.run.state != stateBefore {
      isUrgent = true
    }
  }
}

/// A log that is followed.
private struct FollowedLog {
  var reader: any LogReader
  /// The file or directory that holds it.
  let place: String
}
