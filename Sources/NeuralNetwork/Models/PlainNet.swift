extension ModelPreset {
  /// Without shortcuts: normalisation and a leaky rectifier alone keep it trainable.
  static let plainNet = ModelPreset(
    "plainnet", summary: "50 linear layers of 64 units without shortcuts, normalised, leaky",
    paper: "Oyedotun et al. 2020, Going deeper without skip connections"
  ) { targets in
    let hiddenLayers = 49
    let hidden = (0..<hiddenLayers).flatMap { _ -> [any LayerDescription] in
      [Linear(outputs: 64, bias: false), BatchNorm(), LeakyReLU(slope: 0.3)]
    }
    return hidden + [Linear(outputs: targets.outputs)]
  }
}
