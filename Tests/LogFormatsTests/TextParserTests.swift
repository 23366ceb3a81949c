import Glibc
import RunLog
import TestSupport
import Testing

@testable import LogFormats

/// Whole logs of text: their points, steps and lines.
struct TextParserTests {
  private func read(_ text: String) -> ParserDrive { .whole(TextParser(), text) }

  // MARK: - Steps

  @Test(arguments: [
    // nanoGPT: two kinds of lines count the same steps.
    (
      "step 0: train loss 4.5, val loss 4.75\niter 0: loss 4.5, time 20ms\niter 10: loss 4.0, "
        + "time 10ms\nstep 250: train loss 2.0, val loss 2.25\n",
      [
        "train/loss 0 4.5", "val/loss 0 4.75", "loss 0 4.5", "time 0 20.0", "loss 10 4.0",
        "time 10 10.0", "train/loss 250 2.0", "val/loss 250 2.25",
      ]
    ),
    // llm.c's main.log
    (
      "s:0 tel:3.5\ns:0 trl:3.25 lr:0.5 norm:1.5\ns:1 trl:3.0 lr:0.5 norm:1.0\ns:1 eval:0.25\n",
      [
        "val/loss 0 3.5", "train/loss 0 3.25", "lr 0 0.5", "norm 0 1.5", "train/loss 1 3.0",
        "lr 1 0.5", "norm 1 1.0", "eval 1 0.25",
      ]
    ),
    // PyTorch's MNIST: epochs from 1; tests stand at the newest step.
    (
      "Train Epoch: 1 [0/100 (0%)]\tLoss: 2.0\nTrain Epoch: 1 [50/100 (50%)]\tLoss: 1.5\n\n"
        + "Test set: Average loss: 1.0, Accuracy: 50/100 (50%)\n\n"
        + "Train Epoch: 2 [0/100 (0%)]\tLoss: 0.5\n",
      [
        "train/loss 0 2.0", "train/loss 50 1.5", "test/average_loss 50 1.0",
        "test/accuracy 50 0.5", "train/loss 100 0.5",
      ]
    ),
    // ImageNet: epochs from 0; a summary is about what the lines before it were.
    (
      "Epoch: [0][ 1/10]\tLoss 2.5 (2.5)\nTest: [ 1/4]\tLoss 2.0 (2.0)\tAcc@1 25.0 (25.0)\n"
        + " *   Acc@1 30.0 Acc@5 60.0\nEpoch: [1][ 1/10]\tLoss 1.5 (1.5)\n",
      [
        "loss 1 2.5", "loss/avg 1 2.5", "test/loss 1 2.0", "test/loss/avg 1 2.0",
        "test/acc@1 1 25.0", "test/acc@1/avg 1 25.0", "test/acc@1 1 30.0", "test/acc@5 1 60.0",
        "loss 11 1.5", "loss/avg 11 1.5",
      ]
    ),
    // Keras, verbose=2: the epoch stands in the line before.
    (
      "Epoch 1/2\n10/10 - 4s - 2s/step - loss: 0.5 - val_loss: 0.75\nEpoch 2/2\n"
        + "10/10 - 4s - loss: 0.25 - val_loss: 0.5\n",
      ["loss 10 0.5", "val_loss 10 0.75", "loss 20 0.25", "val_loss 20 0.5"]
    ),
    // A step beside an epoch that begins anew with it, and one that goes on.
    (
      "Epoch [1/2], Step [100/200], Loss: 2.0\nEpoch [1/2], Step [200/200], Loss: 1.5\n"
        + "Epoch [2/2], Step [100/200], Loss: 1.0\n",
      ["loss 100 2.0", "loss 200 1.5", "loss 300 1.0"]
    ),
    (
      "Epoch 1 step 10/100 loss 2.0\nEpoch 1 step 20/100 loss 1.5\nEpoch 2 step 30/100 loss 1.0\n",
      ["loss 10 2.0", "loss 20 1.5", "loss 30 1.0"]
    ),
    // The same where nobody says how many steps an epoch has: learnt from the distance of two.
    (
      "[1,  2000] loss: 2.0\n[1,  4000] loss: 1.5\n[2,  2000] loss: 1.0\n[2,  4000] loss: 0.5\n",
      ["loss 2000 2.0", "loss 4000 1.5", "loss 8000 1.0", "loss 10000 0.5"]
    ),
    // Only epochs.
    (
      "Epoch 1/3 train_loss=0.5 val_loss=1.0\nEpoch 2/3 train_loss=0.25 val_loss=0.5\n",
      ["train_loss 1 0.5", "val_loss 1 1.0", "train_loss 2 0.25", "val_loss 2 0.5"]
    ),
    // The epoch in a line of its own.
    (
      "Epoch 0/24\n----------\ntrain Loss: 2.0 Acc: 0.25\nval Loss: 1.5 Acc: 0.5\n\nEpoch 1/24\n"
        + "----------\ntrain Loss: 1.0 Acc: 0.75\n",
      [
        "train/loss 0 2.0", "acc 0 0.25", "val/loss 0 1.5", "acc 0 0.5", "train/loss 1 1.0",
        "acc 1 0.75",
      ]
    ),
    // Nothing is counted: the line's number.
    ("loss: 2.0\nblah\nloss: 1.5\n", ["loss 1 2.0", "loss 3 1.5"]),
    // An epoch alone in a log that counts steps stands at the newest.
    (
      "step 100 loss 2.0\nepoch 1 val_loss 1.5\nstep 200 loss 1.0\nepoch 2 val_loss 0.5\n",
      ["loss 100 2.0", "val_loss 100 1.5", "loss 200 1.0", "val_loss 200 0.5"]
    ),
    // One line with a step does not move a log that counts epochs; several do.
    (
      "epoch 1 loss 2.0\nstep 99999 lr 0.5\nepoch 2 loss 1.5\nstep 100000 lr 0.5\n"
        + "epoch 3 loss 1.0\n",
      ["loss 1 2.0", "lr 99999 0.5", "loss 2 1.5", "lr 100000 0.5", "loss 100000 1.0"]
    ),
    // fairseq: its own count of updates goes before batches and epochs.
    (
      "2021-01-01 | INFO | train_inner | epoch 001:    100 / 2000 loss=12.5, num_updates=90\n"
        + "2021-01-01 | INFO | valid | epoch 001 | valid on 'valid' subset | loss 10.5 | "
        + "num_updates 2000\n", ["train_inner/loss 90 12.5", "valid/loss 2000 10.5"]
    ),
    // PaddleClas
    (
      "[2024/10/18 17:05:11] ppcls INFO: [Train][Epoch 1/2][Iter: 2/4]loss: 6.5\n"
        + "[2024/10/18 17:05:12] ppcls INFO: [Train][Epoch 2/2][Iter: 1/4]loss: 5.5\n"
        + "[2024/10/18 17:05:13] ppcls INFO: [Eval][Epoch 2][Iter: 3/4]loss: 5.0\n",
      ["train/loss 2 6.5", "train/loss 5 5.5", "eval/loss 5 5.0"]
    ),
    // Bars without an epoch: one that was full begins anew; a shorter one is not the training's.
    (
      " 50%|█| 5/10 [00:01<00:01, 5it/s, loss=2.0]\n100%|█| 10/10 [00:02<00:00, 5it/s, loss=1.5]\n"
        + "100%|█| 2/2 [00:00<00:00, 5it/s, val_loss=1.25]\n"
        + " 50%|█| 5/10 [00:01<00:01, 5it/s, loss=1.0]\n",
      ["loss 5 2.0", "loss 10 1.5", "val_loss 10 1.25", "loss 15 1.0"]
    ),
    // Dicts with steps, and with epochs only.
    (
      "{'step': 20, 'loss': 0.5, 'epoch': 0.25}\n{'step': 20, 'eval_loss': nan}\n",
      ["loss 20 0.5", "epoch 20 0.25", "eval_loss 20 nan"]
    ),
    (
      "{'epoch': 1, 'loss': 0.5}\n{\"epoch\": 2, \"loss\": 0.25}\n",
      ["epoch 1 1.0", "loss 1 0.5", "epoch 2 2.0", "loss 2 0.25"]
    ),
    (
      "{'loss': '0.5', 'epoch': '0.5'}\n{'loss': '0.25', 'epoch': '1'}\n",
      ["loss 1 0.5", "epoch 1 0.5", "loss 2 0.25", "epoch 2 1.0"]
    ),
  ])
  func pointsStandAtTheirSteps(text: String, points: [String]) {
    let drive = read(text)
    #expect(drive.lines == points)
    #expect(drive.skipped.count == 0)
  }

  /// The Trainer's bar is drawn anew behind its dict; an evaluation has a bar of its own.
  @Test func dictsStandAtTheStepOfTheBarBesideThem() {
    let evaluation =
      "\n\r 50%|█| 4/8 [00:00<00:00, 9it/s]\u{1b}[A\n\r100%|█| 8/8 [00:01<00:00, 9it/s]\u{1b}[A"
    let text =
      "\r  0%|  | 0/100 [00:00<?, ?it/s]\r  4%|  | 4/100 [00:04<01:36, 1it/s]"
      + "\r      \r{'loss': '0.5', 'epoch': '0.1'}\n\r  5%|  | 5/100 [00:05<01:36, 1it/s]"
      + evaluation + "\r    \r\u{1b}[A{'eval_loss': '0.75', 'epoch': '0.1'}\n"
      + "\r  5%|  | 5/100 [00:06<01:36, 1it/s]\n\r100%|█| 8/8 [00:01<00:00, 9it/s]\u{1b}[A\n"
      + "\r 10%|  | 10/100 [00:10<01:30, 1it/s]{'loss': '0.25', 'epoch': '0.2'}"
      + "\r100%|██| 100/100 [00:10<01:30, 1it/s]\n"
      + "{'train_runtime': '43.5', 'train_loss': '0.25', 'epoch': '1'}\n"
    let drive = read(text)
    #expect(
      drive.lines.filter { !$0.hasPrefix("epoch") } == [
        "loss 5 0.5", "eval_loss 5 0.75", "loss 10 0.25", "train_runtime 100 43.5",
        "train_loss 100 0.25",
      ])
    #expect(drive.events.finalSteps == [100])
  }

  @Test(
    arguments: [
      ("step 12/100 loss 1\nstep 13/100 loss 2\n", [100]),
      ("Epoch 1/3\n10/20 - loss: 0.5\n", [60]), ("Epoch 1/3 loss 0.5\n", [3]),
      ("Train Epoch: 1 [5/20 (25%)] Loss: 1\n", []), ("Loaded 10/20 shards\n", []),
      ("iteration 1/5 | lm loss 1\niteration 2/8 | lm loss 1\n", [5, 8]),
    ] as [(String, [Int64])])
  func theLastStepIsToldOnce(text: String, final: [Int64]) {
    #expect(read(text).events.finalSteps == final)
  }

  // MARK: - What counts

  @Test func proseHasNoPoints() {
    let text = """
      Connected to 10.0.0.1:8080 as worker 3, pid=1234
      number of parameters: 123.59M
      tokens per iteration will be: 491,520
      Namespace(batch_size=64, lr=0.1)
      {'lr': 0.001, 'batch_size': 32}
      saved checkpoint-600.pt in 0.1 seconds
      """
    #expect(read(text).points.isEmpty)
  }

  @Test func unknownNamesCountFromTheirThirdTimeOn() {
    let text = (1...5).map { "step \($0): foo \($0 * $0)\nspam 7 eggs 7\n" }.joined()
    #expect(read(text).lines == ["foo 3 9.0", "foo 4 16.0", "foo 5 25.0"])
  }

  @Test func onlyTheLowestRankCounts() {
    let text = """
      [rank1]: step=1 loss=2.0
      [rank0]: step=1 loss=1.0
      [rank1]: step=2 loss=4.0
      [rank0]: step=2 loss=3.0
      """
    #expect(read(text).lines == ["loss 1 2.0", "loss 1 1.0", "loss 2 3.0"])
    #expect(read(text).events.shownLines.count == 4)
  }

  // MARK: - Lines

  @Test func everyLineIsToldAsItEnds() {
    let text =
      "step 5 loss 1.0  \n\n\u{1b}[31mTraceback (most recent call last):\u{1b}[0m\r\n"
      + "  File \"train.py\"\n\rbar 1\rbar 2\r      \nlast"
    #expect(
      read(text).events.shownLines == [
        "5 step 5 loss 1.0", "5 Traceback (most recent call last):", "5   File \"train.py\"",
        "5 bar 2", "5 last",
      ])
  }

  @Test func linesAreCut() {
    let text = String(repeating: "é", count: 70_000) + "\nnext"
    let drive = read(text)
    #expect(drive.events.shownLines.map(\.count) == [4096 + 2, 6])
    #expect(drive.skipped.count == 1)
    #expect(drive.skipped.reason.contains("line 1:"))
  }

  /// What stands in a provisional rest may come again: its points replace each other, lines would
  /// not.
  @Test func aProvisionalRestHasNoLines() {
    var parser = TextParser()
    var events: [RunEvent] = []
    for (text, isEnd) in [("step 1 loss 0.5\n", false), ("step 2 loss 0.25", true)] {
      let used = Array(text.utf8).withUnsafeBytes {
        parser.take(LogPiece($0, isEnd: isEnd, isProvisional: isEnd), into: &events)
      }
      #expect(used == text.utf8.count)
    }
    #expect(events.points.map(\.step) == [1, 2])
    #expect(events.shownLines == ["1 step 1 loss 0.5"])
  }

  @Test func redrawsAreReadUpToANumberThenNowAndThen() {
    let count = 20_000
    let text =
      (1...count).map { "\r 1%|█| \($0)/\(count) [00:00<00:01, 9it/s, loss=\($0)]" }.joined() + "\n"
    let steps = read(text).points.map(\.step)
    #expect(steps.prefix(4096) == ArraySlice((1...4096).map(Int64.init)))
    #expect(steps.last == Int64(count))
    #expect(steps.count == 4096 + (count - 4096) / 16)
    #expect(read(text).events.shownLines.count == 1)
  }

  // MARK: - Times

  @Test(arguments: [
    ("2026-11-21T16:48:45Z step 1 loss 1", 1_795_279_725.0),
    ("2026-11-21 16:48:45,625+00:00 step 1 loss 1", 1_795_279_725.625),
    ("[2026/11/21 18:48:45.5 +0200] step 1 loss 1", ParserDrive.wallTime),
    ("2026-11-21 18:48:45+02:00 INFO step 1 loss 1", 1_795_279_725.0),
    ("2026-02-28 step 1 loss 1", ParserDrive.wallTime),
    ("2026-13-21 16:48:45Z step 1 loss 1", ParserDrive.wallTime),
    ("step 1 loss 1", ParserDrive.wallTime),
    ("{\"step\": 1, \"loss\": 1, \"timestamp\": 1699999999.5}", 1_699_999_999.5),
  ])
  func linesTellTheirTime(line: String, seconds: Double) {
    var parser = TextParser()
    var events: [RunEvent] = []
    let isTold = seconds != ParserDrive.wallTime
    _ = Array(line.utf8).withUnsafeBytes {
      let written = isTold ? 1_900_000_000 : ParserDrive.wallTime
      return parser.take(LogPiece($0, wallTime: written, isEnd: true), into: &events)
    }
    let times = events.points.map(\.wallTime)
    if line.contains("+0200") { return #expect(times.count == 1) }
    #expect(times == [seconds])
  }

  @Test func timesWithoutAZoneAreLocal() {
    var parts = tm()
    (parts.tm_year, parts.tm_mon, parts.tm_mday) = (124, 6, 5)
    (parts.tm_hour, parts.tm_min, parts.tm_isdst) = (9, 8, -1)
    let seconds = Double(mktime(&parts)) + 7.25
    var parser = TextParser()
    var events: [RunEvent] = []
    let text = "2024-07-05 09:08:07,250 INFO step 1 loss 1\nloss 2 step 2\n"
    _ = Array(text.utf8).withUnsafeBytes {
      parser.take(LogPiece($0, wallTime: 1_900_000_000), into: &events)
    }
    #expect(events.points.map(\.wallTime) == [seconds, seconds])
  }

  // MARK: - Pieces

  /// Bars, escapes, dicts, tables, blank lines, long lines and a torn end.
  private static let mixture = [
    "\u{FEFF}Epoch 1/2\n\r\u{1b}[1m1/3\u{1b}[0m ━━ 0s - loss: 0.5\u{8}\u{8}\u{8}",
    "\r\u{1b}[1m3/3\u{1b}[0m ━━ - loss: 0.25 - val_loss: 0.5\r\n\n\u{1b}]0;title\u{7}",
    "2026-01-02T03:04:05Z INFO step=7 lr=1e-3\n\r 10%|█ | 10/100 [00:10<01:30, 1it/s]\r  \r",
    "{'loss': '0.25', 'epoch': '0.2'}\n\r 11%|█ | 11/100 [00:10<01:30, 1it/s]\u{1b}[A\n",
    "| epoch | loss |\n| 1 | 0.5 |\n| 2 | nan |\n| time/ | |\n| rew | 1.5 |\n",
    "| total_timesteps | 20 |\n-----\r\r\nstep 9 loss 1\r",
  ].joined()

  @Test func piecesMakeNoDifference() {
    let bytes = Array(Self.mixture.utf8)
    let whole = ParserDrive.whole(TextParser(), bytes)
    #expect(whole.points.count == 10)
    func compare(_ drive: ParserDrive, _ name: String) {
      #expect(drive.lines == whole.lines, "\(name)")
      #expect(drive.points.map(\.wallTime) == whole.points.map(\.wallTime), "\(name)")
      #expect(drive.events.shownLines == whole.events.shownLines, "\(name)")
      #expect(drive.events.finalSteps == whole.events.finalSteps, "\(name)")
      #expect(drive.restCount == 0, "\(name)")
    }
    for cut in bytes.indices {
      compare(.pieces(TextParser(), bytes, cuts: [cut]), "cut at \(cut)")
    }
    compare(.pieces(TextParser(), bytes, cuts: bytes.indices.dropFirst()), "byte by byte")
    var random = SeededGenerator(seed: 5)
    for round in 0..<50 {
      let cuts = bytes.indices.filter { _ in Int.random(in: 0..<9, using: &random) == 0 }
      compare(.pieces(TextParser(), bytes, cuts: cuts), "in pieces, round \(round)")
    }
    for cut in bytes.indices {
      var torn = ParserDrive(TextParser())
      torn.take(Array(bytes[..<cut]))
      #expect(whole.lines.starts(with: torn.lines), "torn at \(cut)")
    }
  }
}

extension [RunEvent] {
  fileprivate var finalSteps: [Int64] {
    compactMap { if case .expected(let step) = $0 { step } else { nil } }
  }

  /// Each line as "step text".
  fileprivate var shownLines: [String] {
    compactMap { if case .line(let step, _, let text) = $0 { "\(step) \(text)" } else { nil } }
  }
}
