/// A dual number, value + tangent·ε with ε² = 0: arithmetic on it carries a derivative along.
///
/// A layer that runs forward and backward on dual numbers whose tangents are a direction v computes
/// the Hessian times v in the tangents of its gradients, exactly: the R-operator of Pearlmutter
/// ("Fast exact multiplication by the Hessian", 1994). Comparisons look at the values alone.
public struct Dual<Base: TensorScalar>: TensorScalar {
  public var value, tangent: Base

  public init(_ value: Base, tangent: Base) {
    self.value = value
    self.tangent = tangent
  }

  public init(_ value: Double) { self.init(Base(value), tangent: 0) }
  public init(_ value: Int) { self.init(Base(value), tangent: 0) }
  public init(integerLiteral value: Int) { self.init(Base(value), tangent: 0) }
  public init(floatLiteral value: Double) { self.init(Base(value), tangent: 0) }
  public init?(exactly source: some BinaryInteger) {
    guard let value = Base(exactly: source) else { return nil }
    self.init(value, tangent: 0)
  }

  public static var infinity: Dual { Dual(Base.infinity, tangent: 0) }
  public var isNaN: Bool { value.isNaN }
  public var isFinite: Bool { value.isFinite }
  public var double: Double { value.double }
  public var magnitude: Dual { value < 0 ? -self : self }

  public static func == (left: Dual, right: Dual) -> Bool { left.value == right.value }
  public static func < (left: Dual, right: Dual) -> Bool { left.value < right.value }

  public static func + (left: Dual, right: Dual) -> Dual {
    Dual(left.value + right.value, tangent: left.tangent + right.tangent)
  }
  public static func - (left: Dual, right: Dual) -> Dual {
    Dual(left.value - right.value, tangent: left.tangent - right.tangent)
  }
  public static func * (left: Dual, right: Dual) -> Dual {
    Dual(
      left.value * right.value,
      tangent: left.value * right.tangent + left.tangent * right.value)
  }
  public static func / (left: Dual, right: Dual) -> Dual {
    let quotient = left.value / right.value
    return Dual(quotient, tangent: (left.tangent - quotient * right.tangent) / right.value)
  }
  public static func *= (left: inout Dual, right: Dual) { left = left * right }
  public static func /= (left: inout Dual, right: Dual) { left = left / right }

  public func squareRoot() -> Dual {
    let root = value.squareRoot()
    return Dual(root, tangent: tangent / (2 * root))
  }

  public static func exponential(_ x: Dual) -> Dual {
    let power = Base.exponential(x.value)
    return Dual(power, tangent: x.tangent * power)
  }

  public static func hyperbolicTangent(_ x: Dual) -> Dual {
    let result = Base.hyperbolicTangent(x.value)
    return Dual(result, tangent: x.tangent * (1 - result * result))
  }

  public static func errorFunction(_ x: Dual) -> Dual {
    let slope = Base(2 / Double.pi.squareRoot()) * Base.exponential(-(x.value * x.value))
    return Dual(Base.errorFunction(x.value), tangent: x.tangent * slope)
  }

  public static func naturalLogarithm(_ x: Dual) -> Dual {
    Dual(Base.naturalLogarithm(x.value), tangent: x.tangent / x.value)
  }

  /// Three products of plain numbers: of the values, and of each side's values with the other's
  /// tangents.
  public static func multiplyMatrices(_ operands: MatrixOperands<Dual>) {
    let a = DualMatrix(
      operands.a, rows: operands.aIsTransposed ? operands.k : operands.m,
      columns: operands.aIsTransposed ? operands.m : operands.k, stride: operands.aStride)
    let b = DualMatrix(
      operands.b, rows: operands.bIsTransposed ? operands.n : operands.k,
      columns: operands.bIsTransposed ? operands.k : operands.n, stride: operands.bStride)
    let c = DualMatrix(operands.c, rows: operands.m, columns: operands.n, stride: operands.cStride)
    func multiply(
      _ a: Tensor<Base>, _ b: Tensor<Base>, into c: Tensor<Base>, keeping beta: Base
    ) {
      Base.multiplyMatrices(
        MatrixOperands(
          m: operands.m, n: operands.n, k: operands.k,
          operands.aIsTransposed ? .transposed(a.scalars) : .plain(a.scalars),
          times: operands.bIsTransposed ? .transposed(b.scalars) : .plain(b.scalars),
          into: c.scalars, keeping: beta))
    }
    // The tangents first: with a beta that has a tangent they take from c's values.
    let beta = operands.beta
    if beta.value == 0 && beta.tangent == 0 {
      c.values.fill(0)
      c.tangents.fill(0)
    } else {
      for index in 0..<c.values.count {
        let kept = beta * Dual(c.values.scalars[index], tangent: c.tangents.scalars[index])
        c.values.scalars[index] = kept.value
        c.tangents.scalars[index] = kept.tangent
      }
    }
    multiply(a.values, b.values, into: c.values, keeping: 1)
    multiply(a.values, b.tangents, into: c.tangents, keeping: 1)
    multiply(a.tangents, b.values, into: c.tangents, keeping: 1)
    c.store(operands.c, stride: operands.cStride)
  }
}

/// A matrix of dual numbers taken apart.
private struct DualMatrix<Base: TensorScalar> {
  let rows, columns: Int
  let values, tangents: Tensor<Base>

  init(_ scalars: UnsafePointer<Dual<Base>>, rows: Int, columns: Int, stride: Int) {
    self.rows = rows
    self.columns = columns
    values = Tensor(shape: [rows, columns])
    tangents = Tensor(shape: [rows, columns])
    for row in 0..<rows {
      for column in 0..<columns {
        let scalar = scalars[row * stride + column]
        values.scalars[row * columns + column] = scalar.value
        tangents.scalars[row * columns + column] = scalar.tangent
      }
    }
  }

  func store(_ scalars: UnsafeMutablePointer<Dual<Base>>, stride: Int) {
    for row in 0..<rows {
      for column in 0..<columns {
        let place = row * columns + column
        scalars[row * stride + column] = Dual(
          values.scalars[place], tangent: tangents.scalars[place])
      }
    }
  }
}
