import RunModel
import Testing

@testable import Dashboard

struct ChartPlanTests {
  private func charts(_ tags: String...) -> [String] {
    var run = Run(path: "a", name: "a")
    for tag in tags { run.apply(Samples.scalar(tag, 1, 1)) }
    return ChartPlan.charts(of: run).map { chart in
      "\(chart.title): " + chart.curves.map { "\($0.name)=\($0.tag)" }.joined(separator: " ")
    }
  }

  @Test func trainingAndValidationShareAChart() {
    #expect(
      charts("val/loss", "train/loss", "test/loss", "loss") == [
        "loss: =loss train=train/loss val=val/loss test=test/loss"
      ])
  }

  @Test func logsWithoutSlashesShareCharts() {
    #expect(
      charts("val_loss", "loss", "train_acc", "val_acc", "epoch", "loss_scale") == [
        "loss: train=loss val=val_loss", "loss_scale: =loss_scale",
        "acc: train=train_acc val=val_acc", "epoch: =epoch",
      ])
  }

  @Test func layersShareAChartAfterTheTotal() {
    #expect(
      charts("sparsity/b", "sparsity/total", "sparsity/a") == [
        "sparsity: total=sparsity/total a=sparsity/a b=sparsity/b"
      ])
    #expect(
      charts("optimizer/gradient_norm", "gradient_norm/a") == [
        "gradient_norm: =optimizer/gradient_norm", "gradient_norm by layer: a=gradient_norm/a",
      ])
  }

  @Test func whatPeopleLookAtFirstComesFirst() {
    let titles = charts(
      "zebra", "time/data_ms", "throughput/samples_per_second", "apple", "sparsity/total",
      "optimizer/learning_rate", "val/accuracy", "train/loss", "system/memory", "a/b/c"
    ).map { $0.prefix { $0 != ":" } }
    #expect(
      titles == [
        "loss", "accuracy", "learning_rate", "sparsity", "samples_per_second", "time", "a/b/c",
        "apple", "memory", "zebra",
      ])
  }

  @Test func everyTagIsInOneChart() {
    let tags = ["", "/", "//", "a/", "/a", "train/", "train/a/b", "sparsity/", "val/val/val"]
    var run = Run(path: "a", name: "a")
    for tag in tags { run.apply(Samples.scalar(tag, 1, 1)) }
    let drawn = ChartPlan.charts(of: run).flatMap { $0.curves.map(\.tag) }
    #expect(drawn.sorted() == tags.sorted())
  }
}
