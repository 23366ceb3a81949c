import JSONText

/// The protocol buffer messages of an event file (tensorflow.Event and what it holds), written and
/// read by field number. Field numbers: tensorboard/compat/proto/{event,summary,tensor}.proto,
/// tensorboard/plugins/hparams/{api,plugin_data}.proto.
enum EventMessage {
  static let gridPlugin = "nntop_density"

  private enum DataType {
    static let float: Int64 = 1
    static let double: Int64 = 2
    static let string: Int64 = 7
  }

  // MARK: Writing

  static func fileVersion(wallTime: Double) -> [UInt8] {
    event(wallTime: wallTime, step: 0) { event in
      event.string(3, "brain.Event:2")
      event.message(10) { $0.string(1, "nntop") }
    }
  }

  /// SessionLog START: points at `step` and later in older files are superseded.
  static func sessionStart(step: Int64, wallTime: Double) -> [UInt8] {
    event(wallTime: wallTime, step: step) { event in
      event.message(7) { $0.integer(1, 1) }
    }
  }

  static func scalars(
    _ values: [(tag: String, value: Float)], step: Int64, wallTime: Double
  ) -> [UInt8] {
    event(wallTime: wallTime, step: step) { event in
      event.message(5) { summary in
        for (tag, value) in values {
          summary.message(1) {
            $0.string(1, tag)
            $0.float(2, value)
          }
        }
      }
    }
  }

  static func histogram(
    _ histogram: Histogram, tag: String, step: Int64, wallTime: Double
  ) -> [UInt8] {
    var content: [UInt8] = []
    for bin in histogram.bins {
      for number in [bin.lower, bin.upper, bin.count] {
        withUnsafeBytes(of: number.bitPattern.littleEndian) { content.append(contentsOf: $0) }
      }
    }
    return tensor(
      tag: tag, plugin: "histograms", type: DataType.double, shape: [histogram.bins.count, 3],
      content: content, step: step, wallTime: wallTime)
  }

  static func grid(_ grid: Grid, tag: String, step: Int64, wallTime: Double) -> [UInt8] {
    var content: [UInt8] = []
    content.reserveCapacity(grid.values.count * 4)
    for number in grid.values {
      withUnsafeBytes(of: number.bitPattern.littleEndian) { content.append(contentsOf: $0) }
    }
    return tensor(
      tag: tag, plugin: gridPlugin, type: DataType.float, shape: [grid.rows, grid.columns],
      content: content, step: step, wallTime: wallTime)
  }

  static func text(_ text: String, tag: String, step: Int64, wallTime: Double) -> [UInt8] {
    summaryValue(step: step, wallTime: wallTime) { value in
      value.string(1, tag + "/text_summary")
      value.message(9) { $0.message(1) { $0.string(1, "text") } }
      value.message(8) { tensor in
        tensor.integer(1, DataType.string)
        tensor.message(2) { $0.message(2) { $0.integer(1, 1) } }
        tensor.string(8, text)
      }
    }
  }

  /// The record from which TensorBoard's HParams page takes a run's settings.
  static func hyperparameters(
    _ hyperparameters: [Hyperparameter], group: String, wallTime: Double
  ) -> [UInt8] {
    var content = ProtobufWriter()
    content.message(3) { start in
      for hyperparameter in hyperparameters {
        start.message(1) { entry in
          entry.string(1, hyperparameter.name)
          entry.message(2) { value in
            switch hyperparameter.value {
            case .boolean(let flag): value.boolean(4, flag)
            case .string(let text): value.string(3, text)
            case let other: value.double(2, other.double ?? .nan)
            }
          }
        }
      }
      start.string(4, group)
      start.double(5, wallTime)
    }
    return hyperparameterRecord("session_start_info", content.bytes, wallTime: wallTime)
  }

  /// How the run ended for good.
  static func sessionEnd(succeeded: Bool, wallTime: Double) -> [UInt8] {
    var content = ProtobufWriter()
    content.message(4) { end in
      end.integer(1, succeeded ? 1 : 2)
      end.double(2, wallTime)
    }
    return hyperparameterRecord("session_end_info", content.bytes, wallTime: wallTime)
  }

  private static func hyperparameterRecord(
    _ name: String, _ content: [UInt8], wallTime: Double
  ) -> [UInt8] {
    summaryValue(step: 0, wallTime: wallTime) { value in
      value.string(1, "_hparams_/" + name)
      value.message(9) { metadata in
        metadata.message(1) { plugin in
          plugin.string(1, "hparams")
          plugin.data(2, content)
        }
      }
      value.message(8) { tensor in
        tensor.integer(1, DataType.float)
        tensor.message(2) { $0.message(2) { $0.integer(1, 0) } }
      }
    }
  }

  private static func tensor(
    tag: String, plugin: String, type: Int64, shape: [Int], content: [UInt8], step: Int64,
    wallTime: Double
  ) -> [UInt8] {
    summaryValue(step: step, wallTime: wallTime) { value in
      value.string(1, tag)
      value.message(9) { $0.message(1) { $0.string(1, plugin) } }
      value.message(8) { tensor in
        tensor.integer(1, type)
        tensor.message(2) { dimensions in
          for extent in shape { dimensions.message(2) { $0.integer(1, Int64(extent)) } }
        }
        tensor.data(4, content)
      }
    }
  }

  private static func summaryValue(
    step: Int64, wallTime: Double, _ body: (inout ProtobufWriter) -> Void
  ) -> [UInt8] {
    event(wallTime: wallTime, step: step) { event in
      event.message(5) { $0.message(1, body) }
    }
  }

  private static func event(
    wallTime: Double, step: Int64, _ body: (inout ProtobufWriter) -> Void
  ) -> [UInt8] {
    var event = ProtobufWriter()
    event.double(1, wallTime)
    if step != 0 { event.integer(2, step) }
    body(&event)
    return event.bytes
  }
}
