import RunLog
import Testing

@testable import LogFormats

/// Tables in text.
struct TextTablesTests {
  @Test(arguments: [
    // fastai
    (
      "epoch     train_loss  valid_loss  accuracy  time    \n"
        + "0         0.50        0.75        0.25      00:05   \n"
        + "1         0.25        0.5         #na#      00:05   \n"
        + "2         0.25        0.5         0.5       00:05   \n",
      [
        "train_loss 0 0.5", "valid_loss 0 0.75", "accuracy 0 0.25", "train_loss 2 0.25",
        "valid_loss 2 0.5", "accuracy 2 0.5",
      ]
    ),
    // skorch
    (
      "  epoch    train_loss    valid_acc     dur\n-------  ------------  ----------  ------\n"
        + "      1        \u{1b}[36m0.5\u{1b}[0m       0.25  0.125\n",
      ["train_loss 1 0.5", "valid_acc 1 0.25", "dur 1 0.125"]
    ),
    // ultralytics
    (
      "      Epoch    GPU_mem   box_loss   Instances       Size\n"
        + "        1/3       0.5G       3.25         27        640: 100%|██| 4/4 "
        + "[00:04<00:00, 1it/s]\n",
      ["gpu_mem 1 0.5", "box_loss 1 3.25", "instances 1 27.0", "size 1 640.0"]
    ),
    // with bars
    (
      "| epoch | train loss | lr |\n|-------|------|----|\n| 1 | 0.5 | 1e-3 |\n| 2 | nan | - |\n",
      ["train/loss 1 0.5", "lr 1 0.001", "train/loss 2 nan"]
    ),
    // stable-baselines3: the step comes last
    (
      "----\n| rollout/           |          |\n|    ep_rew_mean     | 22.5     |\n"
        + "| time/              |          |\n|    fps             | 1000     |\n"
        + "|    iterations      | 1        |\n|    total_timesteps | 2048     |\n----\n",
      ["rollout/ep_rew_mean 2048 22.5", "time/fps 2048 1000.0"]
    ),
    // no table: the first name counts nothing, or the rows are longer
    ("name loss acc\n1 2 3\n", []), ("epoch loss\n1 2 3\n", []), ("epoch loss\nx 2\n", []),
  ])
  func tablesAreRead(text: String, points: [String]) {
    #expect(ParserDrive.whole(TextParser(), text).lines == points)
  }
}
