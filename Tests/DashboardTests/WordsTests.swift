import RunLog
import Testing

@testable import Dashboard

struct WordsTests {
  @Test(arguments: [
    ("0.8", 0.8), (".8", 0.8), ("80%", 0.8), ("0.5%", 0.005),
    (" 99.9 % ", 0.999),
  ])
  func sparsitiesAsPeopleTypeThem(text: String, fraction: Double) throws {
    let found = try #require(SparsityText.fraction(text))
    #expect(abs(found - fraction) < 1e-12)
  }

  @Test(arguments: [
    "", "0", "1", "1.5", "80", "100", "100%", "0%", "-1", "nan", "inf", "x", "%", "80%%",
  ])
  func whatIsNoSparsity(text: String) {
    #expect(SparsityText.fraction(text) == nil)
  }

  private func sentence(
    _ request: ControlCommand.Request, old: Double? = nil, new: Double? = nil,
    reason: String? = nil
  ) -> String {
    AnswerText.sentence(
      request,
      .init(
        id: "a", status: .applied, reason: reason, old: old.map { .number($0) },
        new: new.map { .number($0) }))
  }

  @Test func answersAsSentences() {
    #expect(sentence(.pause) == "paused")
    #expect(sentence(.resume) == "goes on")
    #expect(sentence(.stop) == "stopping")
    #expect(sentence(.checkpoint) == "checkpoint written")
    #expect(
      sentence(.setLearningRate(.scale(0.5)), old: 0.1, new: 0.05) == "learning rate 0.1 → 0.05")
    #expect(sentence(.setLearningRate(.value(1))) == "learning rate ? → ?")
    #expect(
      sentence(Samples.prune, old: 0, new: 0.8) == "pruned magnitude: sparsity 0.0% → 80.0%")
    #expect(
      sentence(.prune(.init(method: "m", sparsity: 0.5, isPreview: true)), old: 0, new: 0.5)
        == "would prune m: sparsity 0.0% → 50.0%")
    #expect(sentence(Samples.prune) == "began to prune magnitude to 80.0%")
    #expect(sentence(.finishPruning) == "pruning is finished")
    #expect(
      sentence(.finishPruning, old: 0.1, new: 0.5) == "finished pruning: sparsity 10.0% → 50.0%")
    #expect(
      sentence(Samples.prune, old: 0, new: 0.8, reason: "cannot be undone")
        == "pruned magnitude: sparsity 0.0% → 80.0% (cannot be undone)")
    #expect(
      sentence(.undo, old: 0.05, new: 0.1, reason: "learning rate at step 7")
        == "undid: learning rate at step 7, 0.05 → 0.1")
    #expect(
      sentence(.undo, old: 0.8, new: 0, reason: "prune at step 350")
        == "undid: prune at step 350, sparsity 80.0% → 0.0%")
  }

  @Test func troubleInWords() {
    #expect(
      TroubleText.of(.skippedRecords(file: "a", count: 1)) == "a: 1 damaged record passed over")
    #expect(
      TroubleText.of(.skippedRecords(file: "a", count: 2)) == "a: 2 damaged records passed over")
    #expect(
      TroubleText.of(.unreadable(file: "a", offset: 7, reason: "b"))
        == "a: cannot be read on from byte 7: b")
    #expect(TroubleText.of(.missing(file: "a", consequence: "b")) == "a is missing: b")
    #expect(TroubleText.of(.diskFull(true)).contains("full"))
    #expect(TroubleText.of(.diskFull(false)) == "The disk has space again.")
    #expect(TroubleText.of(.readable(file: "a")) == "a can be read again")
  }
}
