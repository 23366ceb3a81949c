import JSONText
import OperatingSystem
import Testing

extension WithoutTerminal {
  /// `nntop inspect`: what a network is made of, and why one cannot be.
  @Suite struct InspectTests {
    /// A file of CIFAR-10 with two samples of each class.
    private static let cifar: [UInt8] = (0..<20).flatMap { index in
      [UInt8(index % 10)] + [UInt8](repeating: UInt8(index * 7), count: 3 * 32 * 32)
    }

    private func prepare(_ place: Workplace) throws {
      try place.write(Self.cifar, to: "batch.bin")
      try place.write(
        #"{"name": "images", "data": {"kind": "cifar10", "files": ["batch.bin"]}, "#
          + #""model": "resnet20", "batchSize": 4}"#, to: "images.json")
    }

    /// Of He et al. 2016, section 4.2, with convolutions in the shortcuts that change the shape.
    /// In PyTorch: sum(p.numel() for p in net.parameters()), and twice the multiplications of its
    /// convolutions and of its last layer.
    private static let parametersOfResNet20: Int64 = 272_474
    private static let productFLOPsOfResNet20: Int64 = 2 * 40_813_184

    @Test func aResidualNetworkHasItsPublishedSize() async throws {
      try await Workplace.use { place in
        try prepare(place)
        let text = try await place.nntopDoing("inspect", "images.json", "--json")
        let json = try JSONReader().read(text).json
        #expect(json["schema"]?.integer == 1 && json["experiment"]?.string == "images")
        #expect(json["input"] == [32, 32, 3])
        #expect(json["parameters"]?.integer == Self.parametersOfResNet20)
        // Normalisation, rectifiers and additions come on top.
        let flops = try #require(json["flops"]?.integer)
        #expect(flops >= Self.productFLOPsOfResNet20)
        #expect(flops < Self.productFLOPsOfResNet20 * 105 / 100)
        let layers = try #require(json["layers"]?.array)
        let names = layers.compactMap { $0["name"]?.string }
        #expect(Set(names).count == names.count && names.count == layers.count)
        let outermost = layers.filter { $0["depth"]?.integer == 0 }
        let total = outermost.reduce(0) { $0 + ($1["parameters"]?.integer ?? 0) }
        #expect(total == Self.parametersOfResNet20)
        let block = try #require(layers.first { $0["name"]?.string == "residual4" })
        #expect(block["output"] == [16, 16, 32])
        let stem = try #require(layers.first)
        #expect(stem["output"] == [32, 32, 16] && stem["parameters"] == 432)
        #expect(stem["weights"] == [["name": "weight", "shape": [16, 3, 3, 3]]])
        #expect(layers.last?["output"] == [10] && layers.last?["parameters"] == 650)
      }
    }

    @Test func theTableSaysTheSame() async throws {
      try await Workplace.use { place in
        try prepare(place)
        let table = try await place.nntopDoing("inspect", "images.json")
        let lines = table.split(separator: "\n").map {
          $0.split(separator: "  ").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
        }
        #expect(lines.first == ["layer", "output", "parameters", "FLOPs", "weights"])
        #expect(lines.contains(["input", "32×32×3"]))
        #expect(lines.contains { $0.prefix(3) == ["convolution1", "32×32×16", "432"] })
        #expect(lines.contains { $0.prefix(3) == ["residual4.shortcut", "16×16×32", "576"] })
        #expect(lines.contains { $0.prefix(2) == ["total", "272474"] })
        #expect(table.contains("a step of 4 samples: "))
        #expect(try place.listing().count == 2)
        let builtIn = try await place.nntopDoing("inspect")
        #expect(builtIn.contains("linear1") && builtIn.contains("266 610"))
      }
    }

    private static let mistakes: [(layers: String, says: [String])] = [
      (
        #"{"kind": "linear", "outputs": 9}"#,
        ["layer 1 (linear)", "[9]", "10 classes", "needs [10]"]
      ),
      (
        #""flatten", {"kind": "convolution", "channels": 4}"#,
        ["layer 2 (convolution)", "got samples of [784]", "[height, width, channels]"]
      ),
      (
        #"{"kind": "convolution", "channels": 4, "kernel": 30}"#,
        ["layer 1 (convolution)", "got samples of [28, 28]", "30"]
      ),
      (
        #"{"kind": "residual", "branch": ["relu", {"kind": "convolution", "channels": 4}]}"#,
        ["layer 1 (residual)", "branch gives samples of [26, 26, 4]", "shortcut", "[28, 28]"]
      ),
      (
        #""relu", {"kind": "residual", "branch": ["flatten", {"kind": "lstm", "units": 4}]}"#,
        [
          "layer 2 (residual)", "branch layer 2 (lstm)", "got samples of [784]",
          "[steps, features]",
        ]
      ),
      (
        #"{"kind": "concatenate", "branches": [["relu"], ["flatten", "maxPool"]]}"#,
        ["layer 1 (concatenate)", "branch 2", "layer 2 (maxPool)", "[784]"]
      ),
      (
        #"{"kind": "residual", "branch": [{"kind": "linaer", "outputs": 4}]}"#,
        ["model.layers.0.branch.0.kind", "did you mean \"linear\"?"]
      ),
      (
        #"{"kind": "groupNorm", "groups": 3}, "flatten", {"kind": "linear", "outputs": 10}"#,
        ["layer 1 (groupNorm)", "3 groups"]
      ),
    ]

    @Test func aMistakeNamesTheLayerWhatItGotAndWhatItNeeds() async throws {
      try await Workplace.use { place in
        for (layers, says) in Self.mistakes {
          try place.write(#"{"model": {"layers": [\#(layers)]}}"#, to: "wrong.json")
          for command in [["inspect", "wrong.json"], ["run", "--headless", "wrong.json"]] {
            let answer = try await place.start(command).answer()
            #expect(answer.status == 1 && answer.output == "", "\(answer)")
            #expect(answer.errorLines.count == 1, "\(answer)")
            #expect(answer.errorText.contains("wrong.json:1"), "\(answer)")
            for words in says { #expect(answer.errorText.contains(words), "\(answer)") }
          }
          #expect(try place.listing().count == 1)
        }
      }
    }
  }
}
