/// What `nntop run` trains when no experiment is given.
public enum DefaultExperiment {
  public static let text = """
    {
      "name": "glyphs",
      "data": { "kind": "glyphs" },
      "model": "lenet-300-100",
      "optimizer": { "kind": "sgd", "learningRate": 0.02, "weightDecay": 0.001 },
      "learningRateSchedule": { "kind": "cosine" },
      "epochs": 500
    }
    """
}
