import Testing

/// Tests of what stands on a screen. One at a time: each has an engine that uses the processor.
@Suite(
  .serialized, .timeLimit(.minutes(5)), .enabled(if: Tool.tmux != nil, "tmux is not installed"))
enum InTerminal {}

/// Tests of what scripts use. One at a time, beside those of the screen.
@Suite(.serialized, .timeLimit(.minutes(5)))
enum WithoutTerminal {}
