/// A screen with a keyboard. Everything happens on the thread that made it.
public protocol Terminal {
  /// Rows and columns now.
  var size: Size { get }
  /// The characters it can draw.
  var glyphs: GlyphSet { get }
  /// The colours it can show.
  var colorDepth: ColorDepth { get }
  /// The colours it uses; a change shows with the next `present`.
  var theme: Theme { get set }
  /// Something that the user should know about the terminal, in one line; nil when all is well.
  var notice: String? { get }
  /// Becomes readable when there is input. Do not read it and do not make it non-blocking.
  var inputDescriptor: Int32 { get }
  /// Whether output would be taken without waiting; a frame may be skipped when not.
  var isOutputReady: Bool { get }
  /// Bytes sent to the terminal since it was taken over.
  var bytesSent: Int { get }

  /// Shows a buffer; sends nothing when it equals the one that is shown.
  mutating func present(_ buffer: Buffer)
  /// The next input that has arrived, nil when there is none. Does not wait.
  mutating func nextInput() -> TerminalInput?
  /// Learns the window's new size, after SIGWINCH.
  mutating func resized()
  /// Paints everything again with the next `present` and sets all modes again, for a terminal that
  /// something else used: after SIGCONT, and when the user asks.
  mutating func redraw()
  /// What Ctrl-Z does: gives the terminal back, stops the process group, and returns when the user
  /// continues it, the terminal taken again. Where nobody could continue it, only repaints.
  mutating func suspend()
  /// Gives the terminal back for a while, to a shell or an editor, until `restore`.
  mutating func release()
  /// Takes the terminal again after `release`; everything is painted with the next `present`.
  mutating func restore()
  /// Whether mouse events are reported. Off at first: it hinders selecting text.
  mutating func setMouse(_ isOn: Bool)
  /// Names the window, where the terminal has a name for it; sends nothing when that is its name.
  /// The name before comes back when the terminal is given back.
  mutating func setTitle(_ text: String)
  /// Gives the terminal back for good. More than once does no harm.
  mutating func close()
}

extension Terminal {
  /// Always.
  public var isOutputReady: Bool { true }
  /// Nothing to say.
  public var notice: String? { nil }
  /// Not counted.
  public var bytesSent: Int { 0 }
  /// No title.
  public mutating func setTitle(_ text: String) {}
}
