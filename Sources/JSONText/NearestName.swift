/// Finds the name that somebody may have meant, of a field or of anything else.
public enum NearestName {
  /// Longer names are no slips of a finger.
  private static let lengthMax = 64

  /// The candidate with the fewest changed letters; nil when none is close.
  public static func of(_ name: String, among candidates: [String]) -> String? {
    guard name.utf8.count <= lengthMax else { return nil }
    let distances = candidates.filter { $0.utf8.count <= lengthMax }
      .map { (name: $0, distance: distance(name, $0)) }
    guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
    return best.distance <= max(2, name.count / 3) && best.distance < name.count ? best.name : nil
  }

  /// Letters to insert, remove or replace (Levenshtein 1966), without regard to case.
  static func distance(_ first: String, _ second: String) -> Int {
    let (a, b) = (Array(first.lowercased()), Array(second.lowercased()))
    var previous = Array(0...b.count)
    for (row, letter) in a.enumerated() {
      var current = [row + 1]
      for (column, other) in b.enumerated() {
        let replaced = previous[column] + (letter == other ? 0 : 1)
        current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
      }
      previous = current
    }
    return previous[b.count]
  }
}
