import JSONText

/// Finds the column that somebody means.
struct FilterColumns {
  let names: [String]

  private static let shownMax = 6

  func column(for name: String, at offset: Int) throws(RowFilterError) -> String {
    let wanted = name.lowercased()
    let lowercased = names.map { (name: $0, lower: $0.lowercased()) }
    if let exact = lowercased.first(where: { $0.lower == wanted }) { return exact.name }
    guard !wanted.isEmpty, !names.isEmpty else { throw unknown(name, at: offset) }
    var found = lowercased.filter { $0.lower.hasSuffix("/" + wanted) }
    if found.isEmpty { found = lowercased.filter { $0.lower.hasPrefix(wanted) } }
    if found.count == 1 { return found[0].name }
    if found.count > 1 {
      throw RowFilterError(
        offset: offset,
        message: RowFilterError.quoted(name) + " may be " + Self.listed(found.map(\.name), "or"))
    }
    throw unknown(name, at: offset)
  }

  private func unknown(_ name: String, at offset: Int) -> RowFilterError {
    let hint =
      if names.isEmpty {
        "nothing here can be compared; quotes make it plain text"
      } else if let nearest = NearestName.of(name, among: names) {
        "did you mean \(RowFilterError.cleaned(nearest))?"
      } else {
        "there are " + Self.listed(names, "and")
      }
    return RowFilterError(
      offset: offset, message: "no column \(RowFilterError.quoted(name)); \(hint)")
  }

  private static func listed(_ names: [String], _ connective: String) -> String {
    var shown = names.prefix(shownMax).map { RowFilterError.cleaned($0) }
    if names.count > shownMax { shown.append("\(names.count - shownMax) more") }
    let last = shown.popLast() ?? ""
    return shown.isEmpty ? last : shown.joined(separator: ", ") + " \(connective) " + last
  }
}
