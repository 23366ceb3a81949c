import TestSupport
import Testing

@testable import Dashboard

struct NaturalOrderTests {
  @Test func numbersCountAsNumbers() {
    let names = ["layer10", "layer2", "layer", "a/12/b", "a/3/b", "layer02", "", "b007", "b7c"]
    let sorted = names.sorted { NaturalOrder.comes($0, before: $1) }
    #expect(
      sorted == ["", "a/3/b", "a/12/b", "b007", "b7c", "layer", "layer02", "layer2", "layer10"])
  }

  @Test func itIsAnOrder() {
    var random = SeededGenerator(seed: 3)
    let names = (0..<60).map { _ in
      String((0..<Int.random(in: 0...5, using: &random)).map { _ in
        "a01é".randomElement(using: &random) ?? "a"
      })
    }
    for one in names {
      #expect(!NaturalOrder.comes(one, before: one))
      for two in names where one != two {
        #expect(NaturalOrder.comes(one, before: two) != NaturalOrder.comes(two, before: one))
        for three in names
        where NaturalOrder.comes(one, before: two) && NaturalOrder.comes(two, before: three) {
          #expect(NaturalOrder.comes(one, before: three))
        }
      }
    }
  }
}
