import RunLog

extension Run {
  /// Something in a curve that a person should hear of; one for each episode.
  public struct Alert: Sendable, Equatable {
    public enum Kind: Sendable { case nonFinite, divergence, plateau }
    public let step: Int64
    /// Seconds since 1970.
    public let wallTime: Double
    public let kind: Kind
    public let tag: String
    /// With the tag: "train/loss is NaN".
    public let text: String
  }

  private static let alertsMax = 200

  /// Takes up an alert, with a mark for the time axis.
  mutating func add(_ alert: Alert) {
    alerts.append(alert)
    markList.add(
      Mark(
        step: alert.step, wallTime: alert.wallTime, kind: .alert, tag: alert.tag,
        text: alert.text))
    guard alerts.count > Self.alertsMax else { return }
    let oldest = alerts.removeFirst()
    markList.remove { $0.tag == oldest.tag && $0.step == oldest.step && $0.text == oldest.text }
  }

  /// Forgets the alerts of a stretch that was abandoned; of all metrics when none is named.
  mutating func dropAlerts(from step: Int64, of tag: String? = nil) {
    let before = alerts.count
    alerts.removeAll { $0.step >= step && (tag == nil || $0.tag == tag) }
    guard alerts.count < before else { return }
    markList.remove { $0.tag != nil && $0.step >= step && (tag == nil || $0.tag == tag) }
  }
}

extension Run.Alert {
  init(_ finding: CurveWatch.Finding, of point: ScalarPoint) {
    let (kind, what): (Kind, String)
    switch finding {
    case .nonFinite(let value): (kind, what) = (.nonFinite, value.isNaN ? "is NaN" : "is infinite")
    case .divergence(let ratio):
      (kind, what) = (.divergence, "rose to \((ratio * 10).rounded() / 10) times its best")
    case .plateau(let step): (kind, what) = (.plateau, "has not fallen since step \(step)")
    }
    self.init(
      step: point.step, wallTime: point.wallTime, kind: kind, tag: point.tag,
      text: "\(point.tag) \(what)")
  }
}
