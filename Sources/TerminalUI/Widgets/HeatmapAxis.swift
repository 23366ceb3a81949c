/// How many values go to how many places on one side of a heatmap.
struct HeatmapAxis {
  /// Places that one value fills; 1 when several values share one.
  let slotsPerValue: Int
  private let valuesPerSlot: Int
  private let count: Int
  private let slots: Int

  init(count: Int, slots: Int) {
    self.count = max(count, 0)
    self.slots = max(slots, 0)
    slotsPerValue = count > 0 ? max(slots / count, 1) : 1
    valuesPerSlot = slots > 0 ? max((count + slots - 1) / slots, 1) : 1
  }

  /// The values at a place.
  func values(at slot: Int) -> Range<Int>? {
    guard slot >= 0, slot < slots else { return nil }
    let start = slot / slotsPerValue * valuesPerSlot
    guard start < count else { return nil }
    return start..<min(start + valuesPerSlot, count)
  }

  /// The places of a value.
  func slots(of value: Int) -> Range<Int>? {
    guard value >= 0, value < count else { return nil }
    let start = value / valuesPerSlot * slotsPerValue
    return start < slots ? start..<min(start + slotsPerValue, slots) : nil
  }
}
