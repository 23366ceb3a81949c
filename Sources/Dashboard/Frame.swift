import TerminalUI

/// Where the parts of the screen are; below a usable size parts go.
struct Frame {
  let header, tabs, warnings, view, footer: Rect

  private static let viewRowsMin = 4

  init(_ state: DashboardState) {
    let all = Rect(state.size)
    let headerRows = all.rows >= 14 ? 2 : all.rows >= 5 ? 1 : 0
    let tabRows = all.rows >= 12 ? 1 : 0
    let footerRows = all.rows >= 4 ? 1 : 0
    let (header, belowHeader) = all.split(top: headerRows)
    let (tabs, rest) = belowHeader.split(top: tabRows)
    let (footer, middle) = rest.split(bottom: footerRows)
    let warningRows = min(Warnings.lines(state).count, max(0, middle.rows - Self.viewRowsMin))
    let (warnings, view) = middle.split(top: warningRows)
    self.header = header
    self.tabs = tabs
    self.footer = footer
    self.warnings = warnings
    self.view = view
  }
}
