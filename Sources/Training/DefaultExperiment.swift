/// What `nntop run` trains when no experiment is given.
public enum DefaultExperiment {
  public static let text = """
    {
      "name": "glyphs",
      "data": { "kind": "glyphs" },
      "model": "lenet-300-100",
      "epochs": 200
    }
    """
}
