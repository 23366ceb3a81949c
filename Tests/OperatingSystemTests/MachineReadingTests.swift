import TestSupport
import Testing

@testable import OperatingSystem

struct MachineReadingTests {
  @Test func processorTimeIsSplitIntoBusyAndIdle() {
    let text = "cpu  100 20 30 800 40 5 5 0 7 7\ncpu0 1 2 3 4\n"
    #expect(MachineReader.ticks(text) == .init(busy: 160, total: 1000))
    #expect(MachineReader.ticks("cpu  1 2 3 4") == .init(busy: 6, total: 10))
    for text in ["", "cpu 1 2", "cpu0 1 2 3 4", "x"] { #expect(MachineReader.ticks(text) == nil) }
  }

  @Test func memoryIsWhatCannotBeTakenBack() {
    let text = "MemTotal:  1000 kB\nMemFree:  100 kB\nMemAvailable:  400 kB\n"
    #expect(MachineReader.memory(text).map { [$0.used, $0.total] } == [600 * 1024, 1000 * 1024])
    let old = "MemTotal: 1000 kB\nMemFree: 100 kB\n"
    #expect(MachineReader.memory(old)?.used == 900 * 1024)
    for text in [
      "", "MemTotal: x kB\nMemFree: 1 kB", "MemTotal: 9223372036854775807 kB\nMemFree: 1",
    ] {
      #expect(MachineReader.memory(text) == nil)
    }
  }

  @Test func thisMachineCanBeRead() {
    var reader = MachineReader()
    let first = reader.read(disk: "/")
    #expect(first.processorShare == nil)
    #expect(first.processors >= 1)
    #expect((first.memoryTotalBytes ?? 0) > (first.memoryUsedBytes ?? .max))
    #expect(first.load != nil)
    #expect(first.diskFreeBytes != nil)
    #expect(reader.read(disk: "/no/such/place").diskFreeBytes == nil)
  }
}
