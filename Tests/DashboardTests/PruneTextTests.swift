import JSONText
import RunLog
import Testing

@testable import Dashboard

struct PruneTextTests {
  private static func request(
    _ method: String, _ sparsity: Double, layers: [String]? = nil, settings: JSON = .object([])
  ) -> ControlCommand.PruneRequest {
    .init(
      method: method, sparsity: sparsity, layers: layers, settings: settings, isPreview: false)
  }

  private static let prunes: [(String, ControlCommand.PruneRequest)] = [
    ("80%", request("magnitude", 0.8)), (".5", request("magnitude", 0.5)),
    (" 12.5 % ", request("magnitude", 0.125)), ("l2 50%", request("l2", 0.5)),
    ("l2 50 %", request("l2", 0.5)), ("xnor 50%", request("xnor", 0.5)),
    ("magnitude 90% layer=linear1", request("magnitude", 0.9, layers: ["linear1"])),
    ("90% layer=a,b layer=c", request("magnitude", 0.9, layers: ["a", "b", "c"])),
    (
      "l2 50% minKeep=4 perLayer=true order=up",
      request("l2", 0.5, settings: ["minKeep": 4, "perLayer": true, "order": "up"])
    ),
    (
      "seed=7 0.25 rates=[0.5,0.1]",
      request("magnitude", 0.25, settings: ["seed": 7, "rates": [0.5, 0.1]])
    ),
  ]

  @Test(arguments: prunes)
  func prunesAsPeopleTypeThem(text: String, request: ControlCommand.PruneRequest) throws {
    let typed = try #require(PruneText(text))
    #expect(typed.request(isPreview: false) == request)
    #expect(typed.request(isPreview: true).isPreview)
  }

  @Test(arguments: ["", "l2", "0", "100%", "50% l2", "l2 l1 50%", "7 50%", "x0.5 50%", "%", "= 5%"])
  func whatIsNoPrune(text: String) {
    #expect(PruneText(text) == nil)
  }

  @Test func branchesAsPeopleTypeThem() {
    let changes: [(String, ControlCommand.BranchRequest)] = [
      ("", .init()), ("  ", .init()), ("x0.5", .init(learningRate: .scale(0.5))),
      ("x 2", .init(learningRate: .scale(2))), ("0.01", .init(learningRate: .value(0.01))),
      ("80%", .init(prune: Self.request("magnitude", 0.8))),
      ("l2 50% minKeep=4", .init(prune: Self.request("l2", 0.5, settings: ["minKeep": 4]))),
      ("x0.5 l2 0.5", .init(learningRate: .scale(0.5), prune: Self.request("l2", 0.5))),
      ("0.01 80%", .init(learningRate: .value(0.01), prune: Self.request("magnitude", 0.8))),
    ]
    for (text, change) in changes { #expect(BranchText.request(text) == change, "\(text)") }
    for text in ["fast", "l2", "x0.5 fast", "120%", "80% 0.01", "x0.5 x2"] {
      #expect(BranchText.request(text) == nil, "\(text)")
    }
  }
}
