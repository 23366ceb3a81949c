import CKernels

/// Numbers so close to 0 that they have fewer digits (below 1.2e-38 in Float).
///
/// Processors take about a hundred times as long for them, and gradients that vanish over many
/// steps end in them.
public enum SubnormalNumbers {
  /// Does some work on this thread with such numbers counted as 0.
  public static func flushed(_ work: () -> Void) {
    let mode = nn_flush_subnormals()
    work()
    nn_restore_subnormals(mode)
  }
}
