import TerminalUI

/// Where the parts of the screen are; below a usable size parts go.
struct Frame {
  let header, view, footer: Rect

  init(_ state: DashboardState) {
    let all = Rect(state.size)
    let headerRows = all.rows >= 14 ? 2 : all.rows >= 5 ? 1 : 0
    let footerRows = all.rows >= 4 ? 1 : 0
    let (header, rest) = all.split(top: headerRows)
    let (footer, view) = rest.split(bottom: footerRows)
    self.header = header
    self.footer = footer
    self.view = view
  }
}
