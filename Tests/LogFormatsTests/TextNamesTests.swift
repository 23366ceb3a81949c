import Testing

@testable import LogFormats

/// How the names in lines become tags.
struct TextNamesTests {
  @Test(
    arguments: [
      // name, part of the line, tag
      ("loss", nil, "loss"), ("train loss", nil, "train/loss"), ("val loss", nil, "val/loss"),
      ("valid ppl", nil, "valid/ppl"), ("test set average loss", nil, "test/average_loss"),
      ("training loss", nil, "train/loss"), ("validation accuracy", nil, "validation/accuracy"),
      ("evaluation loss", nil, "eval/loss"), ("loss train", nil, "train/loss"),
      ("val_loss", nil, "val_loss"), ("train_loss", nil, "train_loss"),
      ("eval_loss", .eval, "eval_loss"), ("val_loss", .train, "val_loss"),
      ("loss/train", .val, "loss/train"), ("accuracy/top1", nil, "accuracy/top1"),
      ("loss", .train, "train/loss"), ("acc@1", .test, "test/acc@1"),
      ("loss", .trainInner, "train_inner/loss"), ("val loss", .train, "val/loss"),
      ("lm loss", nil, "lm_loss"), ("bf16 mfu", nil, "bf16_mfu"), ("ms", nil, "ms"),
      ("tok/s", nil, "tok/s"), ("ms/batch", nil, "ms/batch"), (".5r", nil, ".5r"),
      ("lr cosineannealing", .train, "train/lr_cosineannealing"),
      ("loss is", nil, "loss"), ("best accuracy so far", nil, "best_accuracy_so_far"),
      ("trl", nil, "train/loss"), ("tel", nil, "val/loss"), ("eval", nil, "eval"),
      ("train", nil, "train"), ("rollout/ep_rew_mean", nil, "rollout/ep_rew_mean"),
    ] as [(String, TextPart?, String)])
  func namesBecomeTags(name: String, part: TextPart?, tag: String) {
    #expect(TextNames.tag(name, part: part) == tag)
  }

  @Test func runningAveragesStandBesideTheirValue() {
    #expect(TextNames.tag("loss", part: nil, isSecond: true) == "loss/avg")
    #expect(TextNames.tag("acc@1", part: .test, isSecond: true) == "test/acc@1/avg")
  }

  @Test func whatIsNoMetricHasNoTag() {
    for name in ["eta", "v_num", "rank", "device cuda", "region", "mb", "time remaining"] {
      #expect(TextNames.tag(name, part: nil) == nil, "\(name)")
    }
    #expect(TextNames.tag("loss", part: nil, isSecond: true, isScore: true) == nil)
  }

  @Test func countersAreToldByTheirWholeNames() {
    for (name, counter) in [
      ("epoch", .epoch), ("train epoch", .epoch), ("epoch val", .epoch), ("end of epoch", .epoch),
      ("step", .step), ("global step", .globalStep), ("num_updates", .globalStep),
      ("iter", .iter), ("iteration", .iteration), ("batch", .batch), ("best epoch", nil),
      ("elapsed time per iteration", nil), ("number of nan iterations", nil), ("epochs", nil),
      ("warmup steps", nil), ("loss", nil), ("", nil),
    ] as [(String, TextReading.Counter?)] {
      #expect(TextNames.counter(name) == counter, "\(name)")
    }
  }

  @Test func metricsAreToldByTheirWords() {
    for name in [
      "loss", "nll_loss", "train loss", "acc@1", "grad_norm", "lr", "learning rate", "ppl", "mae",
      "avg iou", "step/s", "f1", "val_bleu", "episode_reward", "wer", "map",
    ] {
      #expect(TextNames.isMetric(name), "\(name)")
    }
    for name in ["pid", "port", "accessed", "packets", "processed", "took", "batch size"] {
      #expect(!TextNames.isMetric(name), "\(name)")
    }
  }
}
