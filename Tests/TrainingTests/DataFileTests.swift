import OperatingSystem
import TensorFiles
import Testing

@testable import Training

/// Samples from the files of NumPy, of CIFAR-10 and of text, and what is said about wrong ones.
@Suite struct DataFileTests {
  private let home: TemporaryDirectory

  init() throws {
    home = try TemporaryDirectory()
  }

  private func load(_ text: String) throws -> Dataset { try DataText(text).load(in: home) }

  private func mistake(_ text: String) throws -> String {
    let line = try DataText(text).mistake(in: home)
    return line.hasPrefix(home.path) ? String(line.dropFirst(home.path.count + 1)) : line
  }

  private func classes(_ dataset: Dataset) -> [Int32] {
    if case .classes(let classes, _, _) = dataset.targets { return classes }
    return []
  }

  private func floats(_ dataset: Dataset) -> [Float] {
    if case .floats(let floats) = dataset.samples { return floats }
    return []
  }

  // MARK: npy

  @discardableResult
  private func npy(
    _ name: String, _ type: String, _ shape: [Int], _ bytes: [UInt8]
  ) throws -> String {
    let sizes = shape.map { "\($0)," }.joined(separator: " ")
    let text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(sizes)), }\n"
    return try home.file(
      name,
      [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.utf8.count), 0] + Array(text.utf8) + bytes)
  }

  private func npy(_ name: String, _ shape: [Int], floats: [Float]) throws {
    try npy(
      name, "<f4", shape,
      floats.flatMap { value in
        [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: value.bitPattern >> $0) }
      })
  }

  @Test func sequencesHaveTheirLengths() throws {
    try npy("x", [4, 3, 2], floats: (0..<24).map { Float($0) })
    try npy("v", [4, 1], floats: [1, 2, 3, 4])
    try npy("y", "|u1", [4, 3], [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1])
    try npy("l", "|u1", [4], [3, 1, 2, 3])
    try npy("wrong", "|u1", [4], [3, 1, 4, 3])
    try npy("few", "|u1", [3], [3, 1, 2])
    func text(_ rest: String) -> String {
      "{\"kind\": \"npy\", \"samples\": \"x\", \"splitShuffled\": false, "
        + "\"validationFraction\": 0.25, \(rest)}"
    }
    let dataset = try load(text("\"values\": \"v\", \"lengths\": \"l\", \"shuffle\": false"))
    let loader = DataLoader(dataset, batchSize: 2, seed: 1)
    let batches = [loader.trainingBatch(step: 1), loader.trainingBatch(step: 0)]
    let last = try #require(batches[1].lengths)
    #expect([last[0], last[1]] == [3, 1])
    let validation = try #require(loader.validationBatch(0)?.lengths)
    #expect(validation[0] == 3)
    #expect(
      try mistake(text("\"values\": \"v\", \"lengths\": \"wrong\""))
        == "wrong: sample 2 has the length 4, expected 1 to 3")
    #expect(
      try mistake(text("\"values\": \"v\", \"lengths\": \"few\""))
        == "few: holds [3], lengths are [4]")
    #expect(
      try mistake(text("\"labels\": \"y\", \"lengths\": \"l\"")).hasPrefix(
        "l: lengths belong to sequences [steps, features] with one target each"))
  }

  @Test func bytesOfNumPyStayBytesAndChannelsComeLast() throws {
    // Two channels of 2 × 3 pixels: 10 · channel + pixel.
    try npy("x", "|u1", [4, 2, 2, 3], (0..<48).map { UInt8($0 % 12 / 6 * 10 + $0 % 6) })
    try npy("y", "<i2", [4], [0, 0, 1, 0, 1, 0, 2, 0])
    let dataset = try load(
      """
      {"kind": "npy", "samples": "x", "labels": "y", "channels": "first", "splitShuffled": false,
       "normalization": "none", "validationFraction": 0.5, "augmentation": {"flip": true}}
      """)
    #expect(dataset.sampleShape == [2, 3, 2] && dataset.targetShape.outputs == 3)
    guard case .bytes(let bytes) = dataset.samples else {
      Issue.record("bytes became something else")
      return
    }
    #expect(bytes.prefix(12) == [0, 10, 1, 11, 2, 12, 3, 13, 4, 14, 5, 15])
    #expect(bytes.count == 48 && dataset.trainingCount == 2)
    #expect(classes(dataset) == [0, 1, 1, 2])
  }

  @Test func columnsOfVectorsAreNormalisedApart() throws {
    try npy("x", [4, 2], floats: [1, 100, 3, 300, 1000, 0, 2000, 0])
    try npy("y", "|u1", [4], [0, 1, 0, 1])
    let text = """
      {"kind": "npy", "samples": "x", "labels": "y", "splitShuffled": false,
       "validationFraction": 0.5, "normalization": "
      """
    #expect(floats(try load(text + "standard\"}")).prefix(4) == [-1, -1, 1, 1])
    #expect(floats(try load(text + "unit\"}")) == [0, 0, 1, 1, 499.5, -0.5, 999.5, -0.5])
    #expect(floats(try load(text + "none\"}")).prefix(4) == [1, 100, 3, 300])
  }

  @Test func valuesAreForRegressionAndLabelsForEverySample() throws {
    try npy("x", [4, 3, 2], floats: (0..<24).map { Float($0) })
    try npy("v", [4, 2], floats: [1, 2, 3, 4, 5, 6, 7, 8])
    try npy("y", "<i4", [4, 3], (0..<12).flatMap { [UInt8($0 % 5), 0, 0, 0] })
    let text = "{\"kind\": \"npy\", \"samples\": \"x\", \"splitShuffled\": false, "
    let values = try load(text + "\"values\": \"v\", \"channels\": \"last\"}")
    #expect(values.targets == .values([1, 2, 3, 4, 5, 6, 7, 8], perSample: 2))
    #expect(values.outline.targetShape.outputShape == [2] && values.scaling.scale.count == 2)
    let steps = try load(text + "\"labels\": \"y\"}")
    #expect(steps.outline.targetShape == .classes(count: 5, perSample: 3))
    #expect(steps.outline.targetShape.outputShape == [3, 5] && steps.scaling.scale.count == 1)
  }

  @Test func otherArraysMayValidate() throws {
    try npy("x", [2, 1], floats: [1, 2])
    try npy("y", "|u1", [2], [0, 1])
    try npy("vx", [1, 1], floats: [5])
    try npy("vy", "|u1", [1], [3])
    let dataset = try load(
      """
      {"kind": "npy", "samples": "x", "labels": "y", "validationSamples": "vx",
       "validationLabels": "vy", "normalization": "none"}
      """)
    #expect(dataset.trainingCount == 2 && floats(dataset) == [1, 2, 5])
    #expect(dataset.targetShape.outputs == 4 && classes(dataset) == [0, 1, 3])
  }

  @Test func wrongArraysAreTold() throws {
    try npy("x", [4, 1], floats: [1, 2, 3, 4])
    try npy("nan", [4, 1], floats: [1, 2, .nan, 4])
    try npy("3", "|u1", [3], [0, 1, 2])
    try npy("same", "|u1", [4], [2, 2, 2, 2])
    try npy("minus", "|i1", [4], [0, 1, 255, 3])
    try npy("large", "<i8", [4], [UInt8](repeating: 0x7F, count: 32))
    try npy("none", [0, 3], floats: [])
    try npy("deep", "|u1", [1, 1, 1, 1, 1], [0])
    try npy("wide", "|u1", [4, 2], [0, 1, 2, 3, 4, 5, 6, 7])
    func told(_ samples: String, _ labels: String, _ more: String = "") throws -> String {
      try mistake(
        "{\"kind\": \"npy\", \"samples\": \"\(samples)\", \"labels\": \"\(labels)\"\(more)}")
    }
    #expect(try told("x", "3") == "3: holds 3 labels, but \(home.path)/x holds 4 samples")
    #expect(try told("nan", "minus").hasPrefix("minus: label 2 is -1, labels are 0 to 99999"))
    #expect(try told("nan", "wide").hasPrefix("wide: holds [4, 2]; labels are one for a sample"))
    #expect(try told("x", "same") == "same: all 4 labels are 2; 2 or more classes are needed")
    #expect(try told("x", "large").hasPrefix("large: all 4 labels"))
    #expect(
      try told("x", "x").hasPrefix("x: holds floats, labels are integers; name it \"values\""))
    #expect(try told("none", "none").hasPrefix("none: is empty: it holds 0 samples of [3]"))
    #expect(
      try told("deep", "3").hasPrefix("deep: holds 5 axes; samples have one for their number"))
    try npy("y", "|u1", [4], [0, 1, 0, 1])
    #expect(try told("nan", "y") == "nan: sample 2 has nan in it; remove or replace it")
    #expect(
      try told("x", "y", ", \"channels\": \"first\"").hasPrefix(
        "x: holds samples of [1], which have no axis of channels"))
    #expect(
      try told("x", "y", ", \"values\": \"x\"")
        == "my.json:1: data.labels: values are given, too; remove one of both")
    #expect(
      try told("x", "y", ", \"augmentation\": {\"flip\": true}")
        == "my.json:1: data.augmentation: is for images, these samples are [1]")
    #expect(
      try mistake("{\"kind\": \"npy\", \"samples\": \"x\", \"values\": \"nan\"}")
        == "nan: sample 2 has nan in it; remove or replace it")
    #expect(
      try mistake("{\"kind\": \"npy\", \"samples\": \"x\"}")
        == "my.json:1: data.labels: is missing; expected a string")
  }

  // MARK: CIFAR-10

  private func batch(_ labels: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    for label in labels {
      bytes.append(label)
      for plane in [10 + label, 100, 200 - label] {
        bytes += [UInt8](repeating: plane, count: 1024)
      }
    }
    return bytes
  }

  @Test func filesOfCIFARFollowEachOther() throws {
    _ = try home.file("1.bin", batch([3, 4]))
    _ = try home.file("2.bin", batch([5]))
    _ = try home.file("t.bin", batch([9, 0]))
    let fields =
      "\"kind\": \"cifar10\", \"files\": [\"1.bin\", \"2.bin\"], \"normalization\": \"unit\""
    let given = try load("{\(fields), \"validationFiles\": [\"t.bin\"]}")
    #expect(given.sampleShape == [32, 32, 3] && given.targetShape.outputs == 10)
    #expect(given.trainingCount == 3 && classes(given) == [3, 4, 5, 9, 0])
    #expect(given.classNames[9] == "truck" && given.scaling.scale == [1 / 255, 1 / 255, 1 / 255])
    let divided = try load("{\(fields), \"validationFraction\": 0.4}")
    #expect(divided.trainingCount == 2 && classes(divided) == [3, 4, 5])
    #expect(
      try mistake("{\"kind\": \"cifar10\"}")
        == "my.json:1: data.files: is missing; expected a list […] of files")
    #expect(
      try mistake("{\"kind\": \"cifar10\", \"files\": \"1.bin\"}")
        == "my.json:1: data.files: found a string, expected a list […] of 1 to 1000 files")
    #expect(
      try mistake("{\"kind\": \"cifar10\", \"files\": [\"1.bin\", 7]}")
        == "my.json:1: data.files: element 1 is a number, expected a file's name")
    #expect(
      try mistake("{\"kind\": \"cifar10\", \"files\": [\"1.bin\", \"no.bin\"]}").hasPrefix(
        "no.bin: cannot open it: No such file"))
  }

  // MARK: csv

  @Test func wordsBecomeClassesInOrder() throws {
    _ = try home.file("x.csv", "a,b,kind\n1,2,pear\n3,4,apple\n5,6,pear\n7,8,fig\n")
    let dataset = try load(
      """
      {"kind": "csv", "path": "x.csv", "splitShuffled": false, "normalization": "none",
       "validationFraction": 0.25}
      """)
    #expect(dataset.sampleShape == [2] && dataset.trainingCount == 3)
    #expect(dataset.classNames == ["apple", "fig", "pear"] && classes(dataset) == [2, 0, 2, 1])
    #expect(floats(dataset) == [1, 2, 3, 4, 5, 6, 7, 8])
  }

  @Test func wholeNumbersBecomeClassesByValue() throws {
    _ = try home.file("x.csv", "10,1\n9,2\n-1,3\n10,4\n")
    _ = try home.file("v.csv", "100,5\n9,6\n")
    let dataset = try load(
      "{\"kind\": \"csv\", \"path\": \"x.csv\", \"validationPath\": \"v.csv\", \"label\": 0}")
    #expect(dataset.classNames == ["-1", "9", "10", "100"])
    #expect(classes(dataset) == [2, 1, 0, 2, 3, 1] && dataset.trainingCount == 4)
  }

  @Test func aColumnMayBeMet() throws {
    _ = try home.file("x.csv", "size,price,rooms\n1,2.5,3\n2,-4,5\n")
    let dataset = try load(
      """
      {"kind": "csv", "path": "x.csv", "label": "price", "task": "regression",
       "validationFraction": 0.5, "splitShuffled": false, "normalization": "none"}
      """)
    #expect(dataset.targets == .values([2.5, -4], perSample: 1))
    #expect(dataset.outline.targetShape.outputShape == [1] && floats(dataset) == [1, 3, 2, 5])
  }

  @Test(arguments: [
    (
      "1,2\n1,3\n2,3.5\n", "",
      "x.csv:3: the label '3.5' is no class; for values to be met say "
        + "\"task\": \"regression\""
    ),
    ("1,a\n1,a\n", "", "x.csv: all 2 labels are 'a'; 2 or more classes are needed"),
    (
      "1,a\n1,b\n", ", \"task\": \"regression\"",
      "x.csv:1: the value to be met is 'a', expected a number"
    ),
    ("1,1e99\n1,2\n", ", \"task\": \"regression\"", "x.csv:1: the value to be met is '1e99'"),
    ("1,a\n,b\n", "", "x.csv:2: column 0: the value is missing ('')"),
    (
      "1,a\n1,b\n", ", \"label\": -1",
      "my.json:1: data.label: found a number, expected a column's "
        + "name or its index from 0"
    ),
    ("1,a\n1,b\n", ", \"label\": \"kind\"", "x.csv:1: no column is named 'kind': name a column"),
  ])
  func wrongTablesAreTold(table: String, fields: String, expected: String) throws {
    _ = try home.file("x.csv", table)
    let line = try mistake("{\"kind\": \"csv\", \"path\": \"x.csv\"\(fields)}")
    #expect(line.hasPrefix(expected), "\(line)")
  }
}
