import JSONText
import OperatingSystem
import Testing

@testable import RunLog

struct ControlCommandTests {
  private static let id = "0123456789abcdef"

  private static let requests: [ControlCommand.Request] = [
    .pause, .resume, .stop, .checkpoint, .undo, .setLearningRate(.value(0.01)),
    .setLearningRate(.value(0)), .setLearningRate(.scale(0.5)),
    .prune(.init(method: "magnitude", sparsity: 0.8, isPreview: false)),
    .prune(.init(method: "magnitude", sparsity: 0.95, layers: ["a", "b"], isPreview: true)),
    .prune(
      .init(
        method: "l2", sparsity: 0.5, layers: ["a"], settings: ["minKeep": 4, "seed": "x"],
        isPreview: false)),
    .finishPruning,
    .branch(.init()),
    .branch(
      .init(
        name: "child", learningRate: .scale(0.5),
        prune: .init(method: "magnitude", sparsity: 0.8, isPreview: false))),
    .set(name: "weight decay", value: -0.5),
    .candidate(id: "12", action: .pause), .candidate(id: "12", action: .resume),
    .candidate(id: "a \" é", action: .kill), .candidate(id: "12", action: .promote(epochs: nil)),
    .candidate(id: "12", action: .promote(epochs: 30)),
  ]

  @Test(arguments: requests)
  func everyCommandSurvivesItsText(request: ControlCommand.Request) throws {
    for atStep in [nil, 12, 1 << 60] as [Int64?] {
      let command = ControlCommand(
        id: Self.id, wallTime: 1234.5, author: "me@pts/1", atStep: atStep, request: request)
      let text = command.json.text(nonFinite: .token)
      #expect(try ControlCommand.read(node(text)) == .command(command))
      #expect(try ControlCommand.Request(node(request.json.text())) == request)
    }
  }

  @Test func identifiersAreSixteenDigits() throws {
    let ids = (0..<1000).map { _ in ControlCommand.makeID() }
    #expect(Set(ids).count == ids.count)
    for id in ids {
      let reading = try ControlCommand.read(node(#"{"id":"\#(id)","command":"pause"}"#))
      #expect(
        reading
          == .command(ControlCommand(id: id, wallTime: 0, author: "", request: .pause)))
    }
  }

  @Test(arguments: [
    #"{"command":"pause"}"#, #"{"id":7,"command":"pause"}"#,
    #"{"id":"0123456789abcde","command":"pause"}"#,
    #"{"id":"0123456789ABCDEF","command":"pause"}"#,
    #"{"id":"0123456789abcdeg","command":"pause"}"#,
    #"{"id":"0123456789abcdef0","command":"pause"}"#, "{}", "[]", "7",
  ])
  func whatCannotBeAnsweredIsGarbage(text: String) throws {
    #expect(try ControlCommand.read(node(text)) == .garbage)
  }

  @Test(arguments: [
    (#""command":7"#, #""command" is missing or no string"#),
    (#""other":"pause""#, #""command" is missing or no string"#),
    (#""command":"explode""#, #"this run knows no command "explode""#),
    (#""command":"set_learning_rate""#, #"either "value" or "scale" must be given"#),
    (
      #""command":"set_learning_rate","value":1,"scale":2"#,
      #"either "value" or "scale" must be given"#
    ),
    (#""command":"set_learning_rate","value":"1""#, #""value" must be a number from 0"#),
    (#""command":"set_learning_rate","value":-1"#, #""value" must be a number from 0"#),
    (#""command":"set_learning_rate","value":NaN"#, #""value" must be a number from 0"#),
    (#""command":"set_learning_rate","scale":Infinity"#, #""scale" must be a number from 0"#),
    (#""command":"prune","sparsity":0.5"#, #""method" is missing or no string"#),
    (
      #""command":"prune","method":"magnitude""#,
      #""sparsity" must be a number between 0 and 1"#
    ),
    (
      #""command":"prune","method":"magnitude","sparsity":1"#,
      #""sparsity" must be a number between 0 and 1"#
    ),
    (
      #""command":"prune","method":"magnitude","sparsity":NaN"#,
      #""sparsity" must be a number between 0 and 1"#
    ),
    (
      #""command":"prune","method":"magnitude","sparsity":0.5,"scope":"some""#,
      #""scope" must be global, layer or layers"#
    ),
    (
      #""command":"prune","method":"magnitude","sparsity":0.5,"scope":7"#,
      #""scope" must be global, layer or layers"#
    ),
    (
      #""command":"prune","method":"magnitude","sparsity":0.5,"scope":"layers""#,
      #""layers" must name at least one layer"#
    ),
    (
      #""command":"prune","method":"magnitude","sparsity":0.5,"scope":"layer","layers":[]"#,
      #""layers" must name at least one layer"#
    ),
    (
      #""command":"prune","method":"magnitude","sparsity":0.5,"scope":"layers","layers":["a",7]"#,
      #""layers" must be a list of names"#
    ),
    (
      #""command":"prune","method":"magnitude","sparsity":0.5,"layers":["a"]"#,
      #""layers" goes with the scope layer or layers"#
    ),
    (
      #""command":"prune","method":"magnitude","sparsity":0.5,"preview":1"#,
      #""preview" must be true or false"#
    ),
    (
      #""command":"prune","method":"magnitude","sparsity":0.5,"settings":[1]"#,
      #""settings" must be an object"#
    ),
    (#""command":"set","value":1"#, #""name" is missing or no string"#),
    (#""command":"set","name":7,"value":1"#, #""name" is missing or no string"#),
    (#""command":"set","name":"a""#, #""value" must be a number"#),
    (#""command":"set","name":"a","value":NaN"#, #""value" must be a number"#),
    (#""command":"set","name":"a","value":"1""#, #""value" must be a number"#),
    (#""command":"branch","name":7"#, #""name" must be a string"#),
    (#""command":"branch","changes":{}"#, #""changes" must be a list of commands"#),
    (
      #""command":"branch","changes":[{"command":"undo"}]"#,
      "a branch may be changed by one set_learning_rate and one prune"
    ),
    (
      #""command":"branch","changes":[{"command":"set_learning_rate","value":1},"#
        + #"{"command":"set_learning_rate","value":2}]"#,
      "a branch may be changed by one set_learning_rate and one prune"
    ),
    (
      #""command":"branch","changes":[{"command":"set_learning_rate"}]"#,
      #"either "value" or "scale" must be given"#
    ),
    (
      #""command":"branch","changes":[{"command":"prune","method":"magnitude","sparsity":0.5,"#
        + #""preview":true}]"#,
      "a preview is no change of a branch"
    ),
    (#""command":"pause","at_step":"12""#, #""at_step" must be an integer"#),
    (#""command":"pause","at_step":1.5"#, #""at_step" must be an integer"#),
  ])
  func whatIsNoCommandIsRefused(members: String, reason: String) throws {
    let reading = try ControlCommand.read(node(#"{"id":"\#(Self.id)",\#(members)}"#))
    #expect(reading == .refusal(id: Self.id, reason: reason))
  }

  /// An answer repeats the request and has to fit into one record.
  @Test func aCommandThatNoAnswerCouldRepeatIsRefused() throws {
    let layers = [String](repeating: "linear1", count: 400)
    let command = ControlCommand(
      id: Self.id, wallTime: 0, author: "",
      request: .prune(.init(method: "magnitude", sparsity: 0.5, layers: layers, isPreview: false)))
    let reading = try ControlCommand.read(node(command.json.text()))
    #expect(
      reading == .refusal(id: Self.id, reason: "the command is longer than 2048 bytes"))
  }

  @Test func whatChangesTraining() {
    let changing = Self.requests.filter {
      ControlCommand(id: Self.id, wallTime: 0, author: "", request: $0).changesTraining
    }
    #expect(
      changing.map(\.name)
        == [
          "undo", "set_learning_rate", "set_learning_rate", "set_learning_rate", "prune", "prune",
          "finish_pruning", "set",
        ])
  }

  @Test func summariesAreForPeople() {
    #expect(
      Self.requests.map(\.summary)
        == [
          "pause", "resume", "stop", "checkpoint", "undo", "learning rate 0.01",
          "learning rate 0.0", "learning rate ×0.5", "prune magnitude to 80%",
          "preview: prune magnitude to 95% of a, b", "prune l2 to 50% of a minKeep=4 seed=\"x\"",
          "finish pruning", "branch",
          "branch child, learning rate ×0.5, prune magnitude to 80%", "set weight decay to -0.5",
          "pause candidate 12", "resume candidate 12", "kill candidate a \" é",
          "promote candidate 12", "train candidate 12 to 30 epochs",
        ])
    let third = ControlCommand.Request.setLearningRate(.value(1.0 / 3))
    #expect(third.summary == "learning rate 0.333333")
  }
}
