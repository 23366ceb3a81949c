import Tensors

extension ModelPreset {
  static let resnet20 = resnet(blocksPerStage: 3)
  static let resnet32 = resnet(blocksPerStage: 5)
  static let resnet56 = resnet(blocksPerStage: 9)

  /// The networks for CIFAR-10 of section 4.2: a convolution, three stages of 16, 32 and 64
  /// channels, and a linear layer: 6n + 2 layers. Shortcuts that change the shape are convolutions
  /// of 1 × 1 with normalisation (option B).
  private static func resnet(blocksPerStage: Int) -> ModelPreset {
    let depth = 6 * blocksPerStage + 2
    return ModelPreset(
      "resnet\(depth)", summary: "residual network of \(depth) layers: 16, 32 and 64 channels",
      paper: "He et al. 2016, arXiv 1512.03385"
    ) { targets in
      var layers: [any LayerDescription] = [
        Convolution(channels: 16, kernel: 3, padding: 1, bias: false), BatchNorm(), ReLU(),
      ]
      for (stage, channels) in [16, 32, 64].enumerated() {
        for block in 0..<blocksPerStage {
          let isFirst = stage > 0 && block == 0
          layers += [residualBlock(channels, stride: isFirst ? 2 : 1), ReLU()]
        }
      }
      return layers + [GlobalAveragePool(), Linear(outputs: targets.outputs)]
    }
  }

  private static func residualBlock(_ channels: Int, stride: Extent2D) -> Residual {
    Residual(
      branch: [
        Convolution(channels: channels, kernel: 3, stride: stride, padding: 1, bias: false),
        BatchNorm(), ReLU(),
        Convolution(channels: channels, kernel: 3, padding: 1, bias: false), BatchNorm(),
      ],
      shortcut: stride == 1
        ? []
        : [Convolution(channels: channels, kernel: 1, stride: stride, bias: false), BatchNorm()])
  }
}
