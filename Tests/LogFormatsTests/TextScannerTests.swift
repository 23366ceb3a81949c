import TestSupport
import Testing

@testable import LogFormats

/// What single lines say, under the names that the lines give.
struct TextScannerTests {
  /// A line's counts and numbers as text: "step 12/19560", "loss 0.5", "loss/2 0.6".
  private func read(_ line: String) -> (counts: [String], values: [String]) {
    var scanner = TextScanner()
    scanner.text = Array(line.utf8)
    scanner.read()
    return (
      scanner.reading.counts.map { count in
        let name = count.counter == .batch ? "n" : "\(count.counter)"
        return "\(name) \(count.value)" + (count.total.map { "/\($0)" } ?? "")
      },
      scanner.reading.values.map { value in
        scanner.keys[value.key].name + (value.isSecond ? "/2" : "") + " \(value.number)"
      }
    )
  }

  /// The table of the format's description: real formats, and what a tested prototype found.
  @Test(arguments: [
    (
      "step 250: train loss 1.9650, val loss 2.0112", ["step 250"],
      ["train loss 1.965", "val loss 2.0112"]
    ),
    (
      "iter 250: loss 1.9542, time 23.45ms, mfu 12.34%", ["iter 250"],
      ["loss 1.9542", "time 23.45", "mfu 12.34"]
    ),
    (
      "step   12/19560 | loss 10.955102 (+0.12z)| norm 20.8125 (-1.03z)| lr 1.03e-05 | "
        + "325.12 ms | 48.1% bf16 MFU | 161290 tok/s", ["step 12/19560"],
      [
        "loss 10.955102", "loss/2 0.12", "norm 20.8125", "norm/2 -1.03", "lr 1.03e-05",
        "ms 325.12", "bf16 mfu 48.1", "tok/s 161290.0",
      ]
    ),
    (
      "2/2 - 4s - 2s/step - loss: 0.1308 - val_loss: 0.1168", ["n 2/2"],
      ["loss 0.1308", "val_loss 0.1168"]
    ),
    (
      "Train Epoch: 3 [12800/60000 (21%)]\tLoss: 0.123456", ["epoch 3", "n 12800/60000"],
      ["loss 0.123456"]
    ),
    (
      "Test set: Average loss: 0.0279, Accuracy: 9905/10000 (99%)", [],
      ["test set average loss 0.0279", "accuracy 0.9905"]
    ),
    (
      "Epoch: [0][  10/5005]\tTime  0.345 ( 0.512)\tLoss 6.9012e+00 (6.9512e+00)\t"
        + "Acc@1   0.39 (  0.20)", ["epoch 0", "n 10/5005"],
      [
        "time 0.345", "time/2 0.512", "loss 6.9012", "loss/2 6.9512", "acc@1 0.39",
        "acc@1/2 0.2",
      ]
    ),
    (
      "| epoch   1 |   200/ 2983 batches | lr 20.00 | ms/batch  5.12 | loss  7.63 | "
        + "ppl  2053.12", ["epoch 1", "n 200/2983"],
      ["lr 20.0", "ms/batch 5.12", "loss 7.63", "ppl 2053.12"]
    ),
    (
      "9002: 0.211667, 0.277100 avg, 0.001000 rate, 3.300000 seconds, 576128 images",
      ["step 9002"],
      ["loss 0.211667", "avg 0.2771", "rate 0.001", "seconds 3.3", "images 576128.0"]
    ),
    (
      "Region 82 Avg IOU: 0.287866, Class: 0.43, .5R: 0.07, count: 14", [],
      ["region 82.0", "avg iou 0.287866", "class 0.43", ".5r 0.07", "count 14.0"]
    ),
    (
      "[2024/10/18 17:05:11] ppcls INFO: [Train][Epoch 1/120][Iter: 10/312]"
        + "lr(CosineAnnealing): 0.00100000, top1: 0.12500, loss: 6.91000, batch_cost: 0.35000s, "
        + "ips: 182.85714 samples/s, eta: 3:38:24", ["epoch 1/120", "iter 10/312"],
      [
        "lr cosineannealing 0.001", "top1 0.125", "loss 6.91", "batch_cost 0.35",
        "ips 182.85714",
      ]
    ),
    (
      "2025/10/27 13:47:07 - mmengine - INFO - Epoch(train)  [1][ 50/391]  lr: 1.0e-01  "
        + "eta: 0:10:22  time: 0.0321  loss: 2.05", ["epoch 1", "n 50/391"],
      ["lr 0.1", "time 0.0321", "loss 2.05"]
    ),
    (
      " [2026-08-22 15:22:22.123456] iteration      100/  500000 | lm loss: 9.12E+00 | "
        + "number of nan iterations:   0 |", ["iteration 100/500000"],
      ["lm loss 9.12", "number of nan iterations 0.0"]
    ),
    (
      "Epoch 1/2:  33%|███▎      | 1/3 [00:00<00:00, 96.88it/s, acc=nan, loss=0.123, lr=1e-5]",
      ["epoch 1/2", "n 1/3"], ["acc nan", "loss 0.123", "lr 1e-05"]
    ),
    ("loss: nan grad: -inf", [], ["loss nan", "grad -inf"]),
  ])
  func linesOfTheDescriptionAreRead(line: String, counts: [String], values: [String]) {
    let found = read(line)
    #expect(found.counts == counts)
    #expect(found.values == values)
  }

  /// What other programs print.
  @Test(arguments: [
    // llm.c's main.log
    ("s:100 trl:2.5 lr:0.00012 norm:1.25", ["step 100"], ["trl 2.5", "lr 0.00012", "norm 1.25"]),
    ("s:250 tel:10.5", ["step 250"], ["tel 10.5"]),
    ("s:250 eval:0.25", ["step 250"], ["eval 0.25"]),
    // Megatron's full line
    (
      "iteration 100/ 500 | elapsed time per iteration (ms): 560.5 | throughput per GPU "
        + "(TFLOP/s/GPU): 134.1 | learning rate: 1.5E-04 | global batch size:   256 |",
      ["iteration 100/500"],
      [
        "elapsed time per iteration ms 560.5", "throughput per gpu tflop/s/gpu 134.1",
        "learning rate 0.00015", "global batch size 256.0",
      ]
    ),
    // fairseq
    (
      "2021-01-01 00:00:00 | INFO | train_inner | epoch 001:    100 / 2000 loss=12.5, ppl=45, "
        + "num_updates=90, lr=1.25e-05", ["epoch 1", "n 100/2000", "globalStep 90"],
      ["loss 12.5", "ppl 45.0", "lr 1.25e-05"]
    ),
    // timm
    (
      "Train: 3 [  50/1251 (  4%)]  Loss: 6.9 (6.95)  Time: 0.312s,  820.5/s  LR: 1.0e-3",
      ["epoch 3", "n 50/1251"], ["loss 6.9", "loss/2 6.95", "time 0.312", "lr 0.001"]
    ),
    // Lightning's bar
    (
      "Epoch 3:  50%|█████     | 50/100 [00:05<00:05,  9.8it/s, v_num=0, train_loss=0.5]",
      ["epoch 3", "n 50/100"], ["v_num 0.0", "train_loss 0.5"]
    ),
    // Keras, verbose=1
    (
      "18/43 ━━━━━━━━ 0s 3ms/step - accuracy: 0.1128 - loss: 2.3064", ["n 18/43"],
      ["accuracy 0.1128", "loss 2.3064"]
    ),
    (
      "1/3 [=====>......] - ETA: 0s - loss: 0.5", ["n 1/3"], ["eta 0.0", "loss 0.5"]
    ),
    // tqdm
    ("12it [00:05,  2.30it/s, loss=0.5]", ["n 12"], ["loss 0.5"]),
    (
      "  5%|▌ | 1.20k/24.0k [1 day, 1:00:05<2 days, 3:04:05, 9.8s/it, loss=0.5]",
      ["n 1200/24000"], ["loss 0.5"]
    ),
    ("  0%|          | 0/300 [00:00<?, ?it/s]", ["n 0/300"], []),
    // PyTorch's tutorials
    ("[1,  2000] loss: 2.173", ["epoch 1", "n 2000"], ["loss 2.173"]),
    (
      "Epoch [1/5], Step [100/600], Loss: 0.5", ["epoch 1/5", "step 100/600"], ["loss 0.5"]
    ),
    ("Epoch 3/10 train_loss=0.5 val_loss=0.6", ["epoch 3/10"], ["train_loss 0.5", "val_loss 0.6"]),
    // loggers
    ("INFO:root:epoch 3 loss 0.5", ["epoch 3"], ["loss 0.5"]),
    ("2024-01-01 12:00:00,123 - INFO - train.py:55 - epoch=3 loss=0.5", ["epoch 3"], ["loss 0.5"]),
    (
      "2024-01-01 12:00:00.123 | INFO     | __main__:train:45 - Epoch 3 loss 0.5", ["epoch 3"],
      ["loss 0.5"]
    ),
    ("I1121 16:48:45.625000 12345 train.py:50] step 100, loss 0.5", ["step 100"], ["loss 0.5"]),
    ("[rank3]: step=7 loss=0.5", ["step 7"], ["loss 0.5"]),
    // the same with less order
    (
      "[10/18 17:05:11 d2.utils.events]:  eta: 0:12:03  iter: 19  total_loss: 1.5  lr: 0.0001",
      ["iter 19"], ["total_loss 1.5", "lr 0.0001"]
    ),
    ("[12]\ttrain-rmse:0.5\tval-rmse:0.75", ["iteration 12"], ["train-rmse 0.5", "val-rmse 0.75"]),
    (
      "3:\tlearn: 0.5\ttest: 0.75\ttotal: 5.1ms", ["iteration 3"],
      ["learn 0.5", "test 0.75", "total 5.1"]
    ),
    (
      "[0/5][10/938]\tLoss_D: 1.5\tD(x): 0.25", ["epoch 0/5", "n 10/938"],
      ["loss_d 1.5", "d x 0.25"]
    ),
    ("Episode: 10, Score: 200, Epsilon: 0.5", ["epoch 10"], ["score 200.0", "epsilon 0.5"]),
    ("Training loss at epoch 5 is 0.25", ["epoch 5"], ["training loss is 0.25"]),
    ("LOSS train 0.5 valid 0.75", [], ["loss train 0.5", "loss valid 0.75"]),
    (
      "Accuracy of the network on the 10000 test images: 55 %", [],
      ["accuracy network test images 55.0"]
    ),
    // values
    (
      "loss tensor(0.5, device='cuda:0', grad_fn=<NllLoss>) acc np.float64(0.25)", [],
      ["loss 0.5", "device cuda 0.0", "acc 0.25"]
    ),
    ("HellaSwag: 2500/10042 = 0.2490", [], ["hellaswag 0.249"]),
    ("loss 0.5 (avg 0.6) acc 0.7", [], ["loss 0.5", "loss/2 0.6", "acc 0.7"]),
    (
      "train loss 0.5 acc 0.7 val loss 0.6 acc 0.8", [],
      ["train loss 0.5", "acc 0.7", "val loss 0.6", "acc 0.8"]
    ),
    (
      "step 1,234: samples 12,345,678 shape [1,234]", ["step 1234"],
      ["samples 12345678.0", "shape 1.0"]
    ),
    ("epoch 0.35 loss 0.5 epoch 2s", [], ["epoch 0.35", "loss 0.5"]),
    ("损失：0.5，准确率：0.9", [], ["损失 0.5", "准确率 0.9"]),
    ("tok/s 12.5k params 1.5M 8GB", [], ["tok/s 12500.0", "params 1500000.0"]),
    // no numbers of a name
    ("Connected to 10.0.0.1:8080 since 2024-01-01T00:00:00Z as v1.2.3, up 1:02:03", [], []),
  ])
  func otherProgramsLinesAreRead(line: String, counts: [String], values: [String]) {
    let found = read(line)
    #expect(found.counts == counts)
    #expect(found.values == values)
  }

  @Test(arguments: [
    ("loss 1e999", ["loss inf"]), ("loss -1e999", ["loss -inf"]), ("loss 1e-999", ["loss 0.0"]),
    ("lr 0x1p3", []), ("lr 0xdeadbeef loss 2", ["loss 2.0"]), ("grad --5", []),
    ("loss -0.5 acc +.25", ["loss -0.5", "acc 0.25"]), ("loss-0.5", []),
    ("loss 1.5.2", []), ("loss 12345678901234567890123", ["loss 1.2345678901234568e+22"]),
    ("loss -nan", ["loss nan"]), ("loss=Infinity", ["loss inf"]), ("loss NaN", ["loss nan"]),
    ("nan_steps 3", ["nan_steps 3.0"]), ("loss 5.", ["loss 5.0"]), ("loss 1e", ["loss 1.0"]),
    ("loss 0.1e+", ["loss 0.1"]), ("a@1.5 loss .5", ["a@1.5 loss 0.5"]),
    ("x1 2 x 3", ["x1 2.0", "x 3.0"]),
    ("3f9a 5 loss 1", ["3f9a 5.0", "loss 1.0"]),
  ])
  func numbersAreReadAsPrinted(line: String, values: [String]) {
    #expect(read(line).values == values)
  }

  /// The standard library's reading, which is correctly rounded.
  @Test func numbersAreRoundedAsTheStandardLibraryDoes() {
    var random = SeededGenerator(seed: 7)
    for _ in 0..<20_000 {
      let digits = (0..<Int.random(in: 1...25, using: &random)).map { _ in
        "0123456789".randomElement(using: &random).map(String.init) ?? ""
      }.joined()
      let point = Int.random(in: 0...digits.count, using: &random)
      var text = String(digits.prefix(point)) + "." + digits.dropFirst(point)
      if Bool.random(using: &random) { text += "e\(Int.random(in: -330...330, using: &random))" }
      let number = TextNumber(Array(text.utf8), at: 0)
      let whole = text.hasPrefix(".") ? "0" + text : text
      let plain = whole.contains(".e") ? whole.replacing(".e", with: ".0e") : whole
      let wanted = Double(plain.hasSuffix(".") ? plain + "0" : plain)
      #expect(number?.value == wanted, "\(text)")
      #expect(number?.end == text.utf8.count, "\(text)")
    }
  }

  @Test func integersAreExact() {
    for (text, integer) in [
      ("9223372036854775807", Int64.max), ("9223372036854775808", nil), ("-12", -12),
      ("12.0", nil), ("1e3", nil), ("99999999999999999999", nil),
    ] as [(String, Int64?)] {
      #expect(TextNumber(Array(text.utf8), at: 0)?.integer == integer, "\(text)")
    }
  }

  /// What is code or settings has no metrics, though it has their names.
  @Test(arguments: [
    "python train.py --lr 0.1 --epochs 10", "  (0): Linear(in_features=784, out_features=512)",
    "(conv1): Conv2d(3, 64, kernel_size=(7, 7))", "Namespace(batch_size=64, lr=0.1)",
    "(bn1): BatchNorm2d(64, eps=1e-05, momentum=0.1)",
  ])
  func codeIsSeen(line: String) {
    var scanner = TextScanner()
    scanner.text = Array(line.utf8)
    scanner.read()
    #expect(scanner.reading.isSettings)
  }

  /// Any bytes are safe to read, and a line that was read leaves nothing behind for the next.
  @Test func randomLinesLeaveNothingBehind() {
    var random = SeededGenerator(seed: 3)
    let pieces = [
      "loss", "nan", "1", ".5", "-", "--", "+", "e5", "/", "|", "%|", "[", "]", "(", ")", "{'",
      "'}",
      ":", "=", ",", " ", "  ", "\t", "00:01", "<", "it", "avg", "2024-01-01", "12:00:00", "0x",
      "é",
      "█", "\u{FF1A}", "epoch", "3/4", "1,234", "train", "INFO", "[rank1]", "tensor(", "1e999", ".",
    ]
    var scanner = TextScanner()
    for _ in 0..<20_000 {
      let line = (0..<Int.random(in: 0...14, using: &random)).map { _ in
        pieces.randomElement(using: &random) ?? ""
      }.joined()
      scanner.text = Array(line.utf8)
      scanner.read()
      scanner.text = Array("step 3 loss 0.5 (0.6)".utf8)
      scanner.read()
      #expect(scanner.reading.values.map(\.number) == [0.5, 0.6], "\(line)")
      #expect(scanner.reading.count(.step)?.value == 3, "\(line)")
      #expect(scanner.reading.part == nil && scanner.reading.bar == nil, "\(line)")
    }
  }
}
