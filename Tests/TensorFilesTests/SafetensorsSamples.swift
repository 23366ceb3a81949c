import TensorFiles

/// Files made by others, and files made here to be wrong.
enum SafetensorsSamples {
  /// Written by the Python package safetensors 0.8.0 (`safetensors.numpy.save`) from
  /// {"b": f32 [[1, -2], [0.5, 3]], "a": u8 [1, 2, 255], "step": i64 7, "mask": [True, False],
  /// "k": u64 [2^63 + 1], "d": f64 [0.1], "empty": f32 zeros (0, 3)} with {"format": "nntop"}.
  static let python = bytes(
    """
    b001000000000000 7b225f5f6d657461646174615f5f223a7b22666f726d6174223a226e6e746f70227d2c
    226b223a7b226474797065223a22553634222c227368617065223a5b315d2c22646174615f6f666673657473
    223a5b302c385d7d2c2273746570223a7b226474797065223a22493634222c227368617065223a5b5d2c2264
    6174615f6f666673657473223a5b382c31365d7d2c2264223a7b226474797065223a22463634222c22736861
    7065223a5b315d2c22646174615f6f666673657473223a5b31362c32345d7d2c2262223a7b22647479706522
    3a22463332222c227368617065223a5b322c325d2c22646174615f6f666673657473223a5b32342c34305d7d
    2c22656d707479223a7b226474797065223a22463332222c227368617065223a5b302c335d2c22646174615f
    6f666673657473223a5b34302c34305d7d2c2261223a7b226474797065223a225538222c227368617065223a
    5b335d2c22646174615f6f666673657473223a5b34302c34335d7d2c226d61736b223a7b226474797065223a
    22424f4f4c222c227368617065223a5b325d2c22646174615f6f666673657473223a5b34332c34355d7d7d20
    20
    0100000000000080 0700000000000000 9a9999999999b93f
    0000803f 000000c0 0000003f 00004040 0102ff 0100
    """)

  /// A file of that header and that many bytes of data: 0, 1, 2 and so on.
  static func file(_ header: String, dataCount: Int = 0, length: UInt64? = nil) -> [UInt8] {
    let text = Array(header.utf8)
    let prefix = withUnsafeBytes(of: (length ?? UInt64(text.count)).littleEndian) { Array($0) }
    return prefix + text + (0..<dataCount).map { UInt8(truncatingIfNeeded: $0) }
  }

  /// A header with one tensor.
  static func entry(
    _ type: String, _ shape: String, _ begin: String, _ end: String, name: String = "x"
  ) -> String {
    #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[\#(begin),\#(end)]}"#
  }
}
