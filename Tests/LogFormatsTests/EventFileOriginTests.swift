import OperatingSystem
import RunLog
import TestSupport
import Testing

@testable import LogFormats

struct EventFileOriginTests {
  @Test func theHostStandsInTheName() {
    let names: [(String, String?)] = [
      ("events.out.tfevents.1700000001.box.1.0", "box"),
      ("/runs/7/events.out.tfevents.1700000001.gpu-3.cluster.local.4711.0", "gpu-3.cluster.local"),
      ("events.out.tfevents.1700000001.10.0.0.7.4711.0", "10.0.0.7"),
      ("events.out.tfevents.1700000001.box.4711.0.v2", "box"),
      ("events.out.tfevents.1700000001.box.4711.0.train.1", "box"),
      ("events.out.tfevents.1400000001.old.example.org", "old.example.org"),
      ("events.out.tfevents.1700000001", nil), ("events.out.tfevents.now.box.1.0", nil),
      ("events.out.tfevents.1700000001.", nil), ("tfevents", nil), ("", nil),
    ]
    for (name, host) in names { #expect(EventFileOrigin.host(of: name) == host, "\(name)") }
  }

  private func origins(_ events: [RunEvent]) -> [String] {
    events.compactMap { if case .origin(let host) = $0 { host } else { nil } }
  }

  @Test func aLogTellsItsOriginOnce() throws {
    let run = try SampleRun()
    try run.writeSession(1, steps: 1...6)
    let file = run.home.path(SampleRun.eventFile(1))
    var (alone, directory) = (try LogFormat.eventFile.open(file), run.log())
    #expect(origins(alone.read()) == ["box"])
    #expect(origins(directory.read()) == ["box"])
    try run.writeSession(2, steps: 3...8)
    #expect(origins(alone.read()) == [])
    #expect(origins(directory.read()) == [])
    // Read from the beginning, it is told again.
    let bytes = try run.home.bytes(of: SampleRun.eventFile(1))
    try run.files.rename(try run.home.write(bytes, to: "new"), to: file)
    for log in [alone, directory] {
      var log = log
      log.read()
      #expect(log.restarts == 1)
      #expect(origins(log.events) == ["box"])
    }
  }
}
