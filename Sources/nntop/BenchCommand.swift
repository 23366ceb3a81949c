/// `nntop bench`
enum BenchCommand {
  static let command = Command(
    name: "bench", usage: "[engine]", summary: "engine benchmarks",
    options: [.init("json", "print JSON")]
  ) { _ in 0 }
}
