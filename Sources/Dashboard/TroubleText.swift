import RunLog
import TerminalUI

/// The words for what is wrong with a log.
public enum TroubleText {
  public static func of(_ trouble: LogTrouble) -> String {
    switch trouble {
    case .skippedRecords(let file, let count, let reason):
      "\(SafeText.cleaned(file)): \(count) damaged record\(count == 1 ? "" : "s") passed over"
        + (reason.isEmpty ? "" : " (\(SafeText.cleaned(reason)))")
    case .unreadable(let file, let offset, let reason):
      "\(SafeText.cleaned(file)): cannot be read on from byte \(offset): "
        + SafeText.cleaned(reason)
    case .missing(let file, let consequence):
      "\(SafeText.cleaned(file)) is missing: \(SafeText.cleaned(consequence))"
    case .readable(let file): "\(SafeText.cleaned(file)) can be read again"
    case .tooMany(let what, let max):
      "more \(SafeText.cleaned(what)) than the \(NumberText.grouped(max)) that are kept: "
        + "those that came later are left out"
    case .diskFull(true): "The disk is full: the training goes on, its log stands still."
    case .diskFull(false): "The disk has space again."
    }
  }
}
