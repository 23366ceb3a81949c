import TerminalUI
import Testing

@testable import Dashboard

struct ThemeChoiceTests {
  private func desk(_ themes: [String] = Theme.shipped.map(\.name)) -> Desk {
    var desk = Desk.steering()
    desk.state.themes = themes
    return desk
  }

  @Test func theKeyGoesRound() {
    var desk = desk()
    let names = Theme.shipped.map(\.name)
    #expect(names.count > 2)
    for step in 1...names.count {
      let name = names[step % names.count]
      #expect(desk.press(.character("T")) == [.setTheme(name)])
      #expect(desk.state.theme == name)
      #expect(desk.told == ["theme \(name)"] || desk.told.last == "theme \(name)")
      #expect(desk.state.isMonochrome == (name == "monochrome"))
    }
    #expect(desk.state.theme == "standard")
  }

  /// From a theme that is not in the list the way leads to the first.
  @Test func fromAnUnknownThemeTheFirstIsNext() {
    var desk = desk(["light", "standard"])
    desk.state.theme = "one of my own"
    #expect(desk.press(.character("T")) == [.setTheme("light")])
  }

  @Test func withoutColoursThereIsNothingToChoose() {
    var desk = desk()
    desk.state.hasColors = false
    #expect(desk.press(.character("T")) == [])
    #expect(desk.told == ["this terminal has no colours to choose"])
    #expect(desk.state.theme == "standard")
    desk = self.desk([])
    #expect(desk.press(.character("T")) == [])
    #expect(desk.told == ["this terminal has no colours to choose"])
  }

  /// Where no colour tells curves apart their numbers do, whatever the theme is called.
  @Test func withoutColoursCurvesAreNumbered() {
    var desk = desk()
    desk.log(Samples.training)
    let coloured = desk.screen
    desk.state.show(theme: "monochrome")
    #expect(desk.screen != coloured)
    desk.state.show(theme: "light")
    #expect(!desk.state.isMonochrome && desk.screen == coloured)
    desk.state.hasColors = false
    desk.state.show(theme: "light")
    #expect(desk.state.isMonochrome && desk.screen != coloured)
  }

  @Test func aHostileNameDoesNoHarm() {
    var desk = desk([Samples.shortHostile])
    desk.press(.character("T"))
    #expect(HostileTextTests.harmful(render(desk.state)).isEmpty)
    #expect(desk.told.allSatisfy { SafeText.cleaned($0) == $0 })
  }
}
