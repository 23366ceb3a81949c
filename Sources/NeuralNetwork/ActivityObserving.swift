/// A layer whose units can fall silent: it notes which of them answered to any sample.
public protocol ActivityObserving: AnyObject {
  var name: String { get }
  /// While true, each forward pass notes the units that are above zero.
  var observesActivity: Bool { get set }
  /// One flag a unit: whether it was above zero since `forgetActivity`.
  var unitWasActive: [Bool] { get }
  func forgetActivity()
}
