/// PyTorch's time for the same step.
enum TorchPeer {
  /// Median seconds; nil when python3 has no torch.
  static func stepSeconds(_ workload: String, threads: Int, seconds: Double) -> Double? {
    Peer.number(of: script, arguments: [workload, String(threads), String(seconds)])
  }

  private static let script = """
    import statistics, sys, time, torch, torch.nn as nn, torch.nn.functional as F
    name, threads, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    torch.set_num_threads(threads); torch.manual_seed(0)
    class Block(nn.Module):
      def __init__(s, i, c, stride):
        super().__init__()
        s.c1 = nn.Conv2d(i, c, 3, stride, 1, bias=False); s.b1 = nn.BatchNorm2d(c)
        s.c2 = nn.Conv2d(c, c, 3, 1, 1, bias=False); s.b2 = nn.BatchNorm2d(c)
        s.sc = nn.Identity() if stride == 1 and i == c else nn.Sequential(
          nn.Conv2d(i, c, 1, stride, bias=False), nn.BatchNorm2d(c))
      def forward(s, x):
        return F.relu(s.b2(s.c2(F.relu(s.b1(s.c1(x))))) + s.sc(x))
    class ResNet(nn.Module):
      def __init__(s):
        super().__init__()
        layers, i = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()], 16
        for c, st in ((16, 1), (32, 2), (64, 2)):
          for n in range(3):
            layers.append(Block(i, c, st if n == 0 else 1)); i = c
        s.body, s.fc = nn.Sequential(*layers), nn.Linear(64, 10)
      def forward(s, x): return s.fc(s.body(x).mean((2, 3)))
    class Recurrent(nn.Module):
      def __init__(s, kind):
        super().__init__()
        s.r, s.o = kind(2, 128, batch_first=True), nn.Linear(128, 1)
      def forward(s, x): return s.o(s.r(x)[0][:, -1])
    def mlp(*w):
      m = []
      for i in range(len(w) - 1):
        m += [nn.Linear(w[i], w[i + 1])] + ([nn.ReLU()] if i < len(w) - 2 else [])
      return nn.Sequential(*m)
    def cnn():
      return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3, padding=1),
        nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(3136, 128), nn.ReLU(),
        nn.Linear(128, 10))
    def flat(): return torch.rand(128, 784), torch.randint(0, 10, (128,))
    def image(c, n): return torch.rand(64, c, n, n), torch.randint(0, 10, (64,))
    def steps(): return torch.rand(50, 100, 2), torch.rand(50, 1)
    work = {
      "mlp-300-100-b128-sgd": lambda: (mlp(784, 300, 100, 10), flat()),
      "mlp-1024x3-b128-adam": lambda: (mlp(784, 1024, 1024, 1024, 10), flat()),
      "cnn-32-64-b64-adam": lambda: (cnn(), image(1, 28)),
      "resnet20-b64-sgd": lambda: (ResNet(), image(3, 32)),
      "rnn-128-T100-b50-sgd": lambda: (Recurrent(nn.RNN), steps()),
      "lstm-128-T100-b50-adam": lambda: (Recurrent(nn.LSTM), steps()),
    }
    m, (x, y) = work[name]()
    f = nn.MSELoss() if y.is_floating_point() else nn.CrossEntropyLoss()
    o = (torch.optim.SGD(m.parameters(), 0.05, momentum=0.9) if name.endswith("sgd")
         else torch.optim.Adam(m.parameters(), 1e-3))
    def step():
      o.zero_grad(set_to_none=True); f(m(x), y).backward(); o.step()
    for _ in range(3): step()
    t, end = [], time.perf_counter() + seconds
    while len(t) < 5 or time.perf_counter() < end:
      s = time.perf_counter(); step(); t.append(time.perf_counter() - s)
    print(statistics.median(t))
    """
}
