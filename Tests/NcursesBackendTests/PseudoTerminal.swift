import CNcurses
import Glibc

/// A terminal without a screen: what is drawn can be read, and keys can be typed.
final class PseudoTerminal {
  let emulator: Int32
  let program: Int32

  init?(rows: Int, columns: Int) {
    var master: Int32 = -1
    var slave: Int32 = -1
    guard openpty(&master, &slave, nil, nil, nil) == 0 else { return nil }
    emulator = master
    program = slave
    resize(rows: rows, columns: columns)
  }

  deinit {
    Glibc.close(emulator)
    Glibc.close(program)
  }

  func resize(rows: Int, columns: Int) {
    _ = nc_set_window_size(emulator, Int32(rows), Int32(columns))
  }

  func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(emulator, bytes, bytes.count)
  }

  /// Everything that has been drawn since the last call.
  func drawn() -> String {
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65_536)
    let silenceMilliseconds: Int32 = 30
    while true {
      var descriptor = pollfd(fd: emulator, events: Int16(POLLIN), revents: 0)
      guard poll(&descriptor, 1, silenceMilliseconds) == 1 else { break }
      let count = read(emulator, &part, part.count)
      guard count > 0 else { break }
      bytes += part.prefix(count)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Takes and drops what is drawn meanwhile: a terminal that nobody reads stops its writer.
  func reading(_ body: () -> Void) {
    var stop: [Int32] = [-1, -1]
    guard pipe(&stop) == 0 else { return }
    let ends = UnsafeMutablePointer<(emulator: Int32, stop: Int32)>.allocate(capacity: 1)
    ends.initialize(to: (emulator, stop[0]))
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { context in
        guard let ends = context?.load(as: (emulator: Int32, stop: Int32).self) else { return nil }
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
          var waiting = [
            pollfd(fd: ends.emulator, events: Int16(POLLIN), revents: 0),
            pollfd(fd: ends.stop, events: Int16(POLLIN), revents: 0),
          ]
          guard poll(&waiting, 2, -1) > 0 else { return nil }
          if waiting[0].revents == 0 { return nil }
          guard read(ends.emulator, &part, part.count) > 0 else { return nil }
        }
      }, ends)
    body()
    Glibc.close(stop[1])
    pthread_join(thread, nil)
    Glibc.close(stop[0])
    ends.deallocate()
  }

  /// Whether typed characters are echoed and lines are edited, as in a shell.
  func isCooked() -> Bool {
    var state = termios()
    tcgetattr(program, &state)
    let wanted = tcflag_t(ECHO | ICANON | ISIG)
    return state.c_lflag & wanted == wanted
  }
}
