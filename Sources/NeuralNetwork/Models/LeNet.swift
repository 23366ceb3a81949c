extension ModelPreset {
  private static let paper =
    "LeCun et al. 1998, Gradient-based learning applied to document recognition"

  static let lenet300 = ModelPreset(
    "lenet-300-100", summary: "multilayer perceptron of 300 and 100 units", paper: paper
  ) { targets in
    [
      Linear(outputs: 300), ReLU(), Linear(outputs: 100), ReLU(),
      Linear(outputs: targets.outputs),
    ]
  }

  /// With rectifiers and the largest of each square, as it is built today; the original had
  /// scaled tangents and trainable means.
  static let lenet5 = ModelPreset(
    "lenet-5", summary: "two convolutions of 6 and 16 channels, then 120 and 84 units",
    paper: paper
  ) { targets in
    [
      Convolution(channels: 6, kernel: 5, padding: 2), ReLU(), MaxPool(),
      Convolution(channels: 16, kernel: 5), ReLU(), MaxPool(), Flatten(),
      Linear(outputs: 120), ReLU(), Linear(outputs: 84), ReLU(),
      Linear(outputs: targets.outputs),
    ]
  }
}
