import Tensors

/// Stands between the layers of a network and may change what passes. All layers within layers are
/// seen, too. What is seen is valid during the call.
public protocol LayerInterceptor<Scalar>: AnyObject {
  associatedtype Scalar: TensorScalar

  /// Before a layer computes; the input is not to be changed.
  func willCompute(_ layer: any Layer<Scalar>, _ input: Tensor<Scalar>, _ pass: Pass)
  /// The layer's output, [rows, …], which may be changed in place.
  func didCompute(_ layer: any Layer<Scalar>, _ output: Tensor<Scalar>, _ pass: Pass)
  /// The loss's gradient with respect to that output, which may be changed in place.
  func willDerive(_ layer: any Layer<Scalar>, _ gradient: Tensor<Scalar>, _ pass: Pass)
}

extension LayerInterceptor {
  public func willCompute(_ layer: any Layer<Scalar>, _ input: Tensor<Scalar>, _ pass: Pass) {}
  public func didCompute(_ layer: any Layer<Scalar>, _ output: Tensor<Scalar>, _ pass: Pass) {}
  public func willDerive(_ layer: any Layer<Scalar>, _ gradient: Tensor<Scalar>, _ pass: Pass) {}
}

extension Network {
  /// Evaluates samples while an interceptor looks on, in the place of all who look otherwise.
  public func evaluate(
    _ samples: PruningSamples<Scalar>, watchedBy interceptor: any LayerInterceptor<Scalar>
  ) {
    let usual = (observers.interceptor, observers.activation)
    (observers.interceptor, observers.activation) = (interceptor, nil)
    defer { (observers.interceptor, observers.activation) = usual }
    samples.forEach { input, _, pass in _ = forward(input, pass) }
  }
}
