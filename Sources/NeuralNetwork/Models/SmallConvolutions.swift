extension ModelPreset {
  static let convolutions32And64 = ModelPreset(
    "cnn-32-64", summary: "two convolutions of 32 and 64 channels, then 128 units"
  ) { targets in
    [
      Convolution(channels: 32, kernel: 3, padding: 1), ReLU(), MaxPool(),
      Convolution(channels: 64, kernel: 3, padding: 1), ReLU(), MaxPool(), Flatten(),
      Linear(outputs: 128), ReLU(), Linear(outputs: targets.outputs),
    ]
  }

  /// Three stages of two convolutions each, with normalisation.
  static let vggSmall = ModelPreset(
    "vgg-small", summary: "six convolutions of 32, 64 and 128 channels with normalisation",
    paper: "Simonyan and Zisserman 2015, arXiv 1409.1556, made small"
  ) { targets in
    let stages = [32, 64, 128].flatMap { (channels: Int) -> [any LayerDescription] in
      let convolution: [any LayerDescription] = [
        Convolution(channels: channels, kernel: 3, padding: 1, bias: false), BatchNorm(), ReLU(),
      ]
      return convolution + convolution + [MaxPool()]
    }
    return stages + [
      Flatten(), Linear(outputs: 128), ReLU(), Dropout(rate: 0.5),
      Linear(outputs: targets.outputs),
    ]
  }
}
