/// What a candidate may cost; nil: it may cost anything.
public struct CandidateLimits: Sendable, Equatable {
  public var parameters: Int?
  /// Multiplications and additions of one sample's forward pass.
  public var flops: Int?
  /// Of one sample's forward pass on this machine, as its latency table predicts it.
  public var latencyMilliseconds: Double?
  /// Of its training, as predicted; nil: the machine's memory divided among the workers.
  public var memoryMegabytes: Int?

  init(_ root: ExperimentObject) throws {
    let object = try root.object("limits")
    func limit(_ name: String) throws -> Int? {
      guard object.field(name) != nil else { return nil }
      return try object.integer(name, in: 1...Int.max >> 24, default: nil)
    }
    parameters = try limit("parameters")
    flops = try limit("flops")
    memoryMegabytes = try limit("memoryMegabytes")
    if object.field("latencyMilliseconds") != nil {
      latencyMilliseconds = try object.number(
        "latencyMilliseconds", in: 1e-6...1e6, default: nil)
    }
    try object.finish()
    root.record("limits", object.resolved)
  }

  /// Which limit a candidate does not keep, in words; nil: it keeps all.
  public func broken(by census: CandidateCensus) -> String? {
    if let parameters, census.parameters > parameters {
      return "has \(census.parameters) parameters, at most \(parameters) are allowed"
    }
    if let flops, census.flops > flops {
      return "takes \(census.flops) FLOPs, at most \(flops) are allowed"
    }
    if let latencyMilliseconds, let latency = census.latencySeconds,
      latency * 1000 > latencyMilliseconds
    {
      let shown = (latency * 1e6).rounded() / 1000
      return "takes \(shown) ms, at most \(latencyMilliseconds) ms are allowed"
    }
    if let memoryMegabytes, census.memoryBytes >> 20 > memoryMegabytes {
      return "needs about \(census.memoryBytes >> 20) MB to train, at most \(memoryMegabytes) MB "
        + "are allowed"
    }
    return nil
  }
}
