/// Searches that need no file.
public enum BuiltInSearches {
  public struct Search: Sendable {
    public let name, summary: String
    let text: String
  }

  /// The first is what runs when none is named.
  public static let all = [glyphs, cells]

  private static let glyphs = Search(
    name: "glyph-search", summary: "small networks for drawn digits, by successive halving",
    text: """
      {
        "name": "glyph-search",
        "space": {
          "kind": "layers",
          "convolutions": [0, 1, 2], "channels": [4, 8, 16], "kernels": [3, 5],
          "hidden": [0, 1, 2], "widths": [16, 32, 64, 128]
        },
        "strategy": "successiveHalving",
        "candidates": 27,
        "epochs": 9,
        "experiment": {
          "data": { "kind": "glyphs", "trainingCount": 4000, "validationCount": 1000 },
          "optimizer": { "kind": "adam", "learningRate": 0.002 },
          "learningRateSchedule": "cosine",
          "batchSize": 64
        }
      }
      """)

  private static let cells = Search(
    name: "nb101-mini",
    summary: "cells of NAS-Bench-101 in a small network, by regularised evolution",
    text: """
      {
        "name": "nb101-mini",
        "space": { "kind": "nasbench101", "channels": 8, "stacks": 3, "cells": 1 },
        "strategy": { "kind": "evolution", "population": 12, "tournament": 4 },
        "candidates": 60,
        "epochs": 3,
        "experiment": {
          "data": { "kind": "glyphs", "trainingCount": 1000, "validationCount": 500 },
          "optimizer": { "kind": "adam", "learningRate": 0.005 },
          "learningRateSchedule": "cosine",
          "batchSize": 64
        }
      }
      """)
}
