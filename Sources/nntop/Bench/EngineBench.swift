import OperatingSystem
import RunLog
import Tensors
import Training

/// A whole training step, beside its matrix products alone and beside PyTorch.
struct EngineBench {
  let seconds: Double
  private let clock = SystemClock()

  init(seconds: Double) {
    self.seconds = seconds
  }

  func run() throws -> [BenchResult] {
    ArithmeticLibrary.useOneThread()
    let before = products()
    let step = try wholeStep()
    let product = min(before, products())
    var results = [
      BenchResult("lenet-300-100, batch 128, one thread: whole step", step * 1e3, "ms"),
      BenchResult("  its matrix products alone", product * 1e3, "ms"),
      BenchResult("  step / products", step / product, "×", .atMost(1.3)),
      BenchResult("  samples", 128 / step, "per second"),
    ]
    if let torch = torchStep() {
      results += [
        BenchResult("  PyTorch's step, one thread", torch * 1e3, "ms"),
        BenchResult("  step / PyTorch's", step / torch, "×", .atMost(0.85)),
      ]
    }
    return results
  }

  /// Median seconds from one step to the next of a real run: training, log and control file.
  private func wholeStep() throws -> Double {
    let directory = try BenchDirectory()
    let text = try ExperimentText.builtIn(overrides: [
      "batchSize=128", "threads=1", "epochs=100000", "data.trainingCount=8000",
    ])
    let run = try RunStart(
      text: text, runs: directory.path, name: "bench", arguments: ["bench"]
    ).create()
    let warmUpSteps = 100
    var durations: [Double] = []
    var last = 0.0
    var end = Double.infinity
    let control = try JSONLinesWriter(
      path: run.controlPath, files: LocalFileSystem(), permissions: 0o600)
    let engine = try Engine(run, isHeadless: true) { progress in
      let now = clock.monotonicSeconds()
      if progress.step > warmUpSteps { durations.append(now - last) }
      if progress.step == warmUpSteps { end = now + seconds }
      last = now
      guard now > end else { return }
      end = .infinity
      let stop = ControlCommand(
        id: ControlCommand.makeID(), wallTime: clock.wallSeconds(), author: "bench",
        request: .stop)
      do throws(SystemError) { try control.append(stop.json) } catch { end = now }
    }
    _ = engine.run()
    control.close()
    try directory.remove()
    return Median.of(durations)
  }

  /// Median seconds of the products of a step, each one call of the BLAS, on memory of its own.
  private func products() -> Double {
    let widths = [784, 300, 100, 10]
    let rows = 128
    let layers = (0..<3).map {
      ProductBench(rows: rows, inputs: widths[$0], outputs: widths[$0 + 1])
    }
    func once() -> Double {
      let start = clock.monotonicSeconds()
      for layer in layers { layer.forward() }
      for (index, layer) in layers.enumerated().reversed() {
        layer.weightGradient()
        if index > 0 { layer.inputGradient() }
      }
      return clock.monotonicSeconds() - start
    }
    let warmUps = 50
    for _ in 0..<warmUps { _ = once() }
    var durations: [Double] = []
    let end = clock.monotonicSeconds() + seconds / 2
    while clock.monotonicSeconds() < end { durations.append(once()) }
    return Median.of(durations)
  }

  /// PyTorch's median seconds for the same step; nil when python3 has no torch.
  private func torchStep() -> Double? {
    let script = """
      import statistics, time, torch, torch.nn as nn
      torch.set_num_threads(1); torch.manual_seed(0)
      m = nn.Sequential(
        nn.Linear(784, 300), nn.ReLU(), nn.Linear(300, 100), nn.ReLU(), nn.Linear(100, 10))
      o = torch.optim.SGD(m.parameters(), 0.05, momentum=0.9)
      x, y, f = torch.rand(128, 784), torch.randint(0, 10, (128,)), nn.CrossEntropyLoss()
      t, end = [], time.perf_counter() + \(seconds)
      while time.perf_counter() < end:
        s = time.perf_counter()
        o.zero_grad(set_to_none=True); f(m(x), y).backward(); o.step()
        t.append(time.perf_counter() - s)
      print(statistics.median(t[5:]))
      """
    return Peer.number(of: script)
  }
}

/// The products of one linear layer.
private struct ProductBench {
  private let rows, inputs, outputs: Int
  private let input, weight, output, gradient, inputGradientTensor: Tensor<Float>

  init(rows: Int, inputs: Int, outputs: Int) {
    self.rows = rows
    self.inputs = inputs
    self.outputs = outputs
    input = Self.filled([rows, inputs])
    weight = Self.filled([outputs, inputs])
    output = Self.filled([rows, outputs])
    gradient = Self.filled([outputs, inputs])
    inputGradientTensor = Self.filled([rows, inputs])
  }

  private static func filled(_ shape: [Int]) -> Tensor<Float> {
    let tensor = Tensor<Float>(shape: shape)
    for index in 0..<tensor.count { tensor.scalars[index] = Float(index % 97) * 0.01 - 0.5 }
    return tensor
  }

  func forward() {
    Float.multiplyMatrices(
      .init(
        m: rows, n: outputs, k: inputs, .plain(input.scalars),
        times: .transposed(weight.scalars), into: output.scalars))
  }

  func weightGradient() {
    Float.multiplyMatrices(
      .init(
        m: outputs, n: inputs, k: rows, .transposed(output.scalars),
        times: .plain(input.scalars), into: gradient.scalars))
  }

  func inputGradient() {
    Float.multiplyMatrices(
      .init(
        m: rows, n: inputs, k: outputs, .plain(output.scalars), times: .plain(weight.scalars),
        into: inputGradientTensor.scalars))
  }
}
