import Testing

@testable import TerminalUI

@Suite struct AxisScaleTests {
  @Test(arguments: [
    (0.0, 1.0, 5, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]), (0, 2.3, 4, [0, 1, 2]),
    (-1, 1, 4, [-1, -0.5, 0, 0.5, 1]), (0.52, 0.58, 3, [0.52, 0.54, 0.56, 0.58]),
    (0, 20_000, 3, [0, 10_000, 20_000]),
  ])
  func ticksAreRound(lower: Double, upper: Double, count: Int, expected: [Double]) {
    let ticks = AxisScale(lower: lower, upper: upper).ticks(count: count).values
    #expect(ticks.count == expected.count)
    for (tick, wanted) in zip(ticks, expected) { #expect(abs(tick - wanted) < 1e-9) }
  }

  @Test func wholeNumbersAndTimes() {
    #expect(AxisScale(lower: 0, upper: 3).ticks(count: 10, kind: .integer).values == [0, 1, 2, 3])
    #expect(
      AxisScale(lower: 0, upper: 7200).ticks(count: 4, kind: .duration).values
        == [0, 1800, 3600, 5400, 7200])
    #expect(AxisScale(lower: 0, upper: 100).ticks(count: 3, kind: .duration).step == 60)
  }

  @Test func logarithmicTicks() {
    let wide = AxisScale(lower: 1e-4, upper: 10, isLogarithmic: true).ticks(count: 6).values
    #expect(wide == [1e-4, 1e-3, 1e-2, 1e-1, 1, 10])
    let thinned = AxisScale(lower: 1e-10, upper: 1, isLogarithmic: true).ticks(count: 4).values
    #expect(thinned.count <= 4 && thinned.first == 1e-10)
    let two = AxisScale(lower: 0.08, upper: 3, isLogarithmic: true).ticks(count: 6).values
    #expect(two == [0.1, 0.2, 0.5, 1, 2])
    let narrow = AxisScale(lower: 1, upper: 9, isLogarithmic: true).ticks(count: 4).values
    #expect(narrow == [1, 2, 5])
  }

  @Test func binaryLogarithmIsExactEnough() {
    #expect(AxisScale.log2(1) == 0 || abs(AxisScale.log2(1)) < 1e-15)
    for (value, power) in [(2.0, 1.0), (8, 3), (0.25, -2), (1e300, 996.5784284662087)] {
      #expect(abs(AxisScale.log2(value) - power) < 1e-12)
    }
    #expect(abs(AxisScale.log2(3) - 1.584962500721156) < 1e-14)
    #expect(abs(AxisScale.log2(5e-324) + 1074) < 1e-9)
  }

  @Test func automaticScales() {
    let loss = AxisScale.fitting(minimum: 0.02, maximum: 2.3, isLogarithmic: false)
    #expect(loss.lower == 0 && loss.upper > 2.3 && loss.upper < 2.5)
    let high = AxisScale.fitting(minimum: 0.9, maximum: 0.95, isLogarithmic: false)
    #expect(high.lower > 0.89 && high.lower < 0.9 && high.upper < 0.96)
    let negative = AxisScale.fitting(minimum: -5, maximum: -0.1, isLogarithmic: false)
    #expect(negative.upper == 0)
    let constant = AxisScale.fitting(minimum: 0.8, maximum: 0.8, isLogarithmic: false)
    #expect(abs((constant.fraction(0.8) ?? 0) - 0.5) < 1e-9)
    #expect(AxisScale.fitting(minimum: 0, maximum: 0, isLogarithmic: false).fraction(0) == 0.5)
  }

  @Test func theWidestScaleHasAMiddle() {
    let most = Double.greatestFiniteMagnitude
    #expect(AxisScale(lower: -most, upper: most).fraction(0) == 0.5)
  }

  @Test func noPairOfEndsIsATrap() {
    let ends: [Double] = [
      -.infinity, -.greatestFiniteMagnitude, -1, -5e-324, 0, 5e-324, 1e-310, 1,
      .greatestFiniteMagnitude, .infinity, .nan,
    ]
    for lower in ends {
      for upper in ends {
        for isLogarithmic in [false, true] {
          let scale = AxisScale(lower: lower, upper: upper, isLogarithmic: isLogarithmic)
          #expect(scale.lower < scale.upper)
          for kind in [AxisKind.number, .integer, .duration] {
            #expect(scale.ticks(count: 8, kind: kind).values.count <= AxisScale.ticksMax + 1)
          }
          for value in ends { _ = scale.fraction(value) }
        }
        if lower <= upper {
          let fitted = AxisScale.fitting(minimum: lower, maximum: upper, isLogarithmic: false)
          #expect(fitted.lower < fitted.upper)
        }
      }
    }
  }
}
