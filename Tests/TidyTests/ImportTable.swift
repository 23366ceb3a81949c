/// The architecture: which module may import which of the package's. A new arrow is a decision;
/// make it here, in README.md and in Package.swift at once, and say why in the commit.
enum ImportTable {
  static let modules: [String: Set<String>] = [
    "CKernels": [], "CNcurses": [], "COpenBLAS": [], "CSystem": [],
    "OperatingSystem": ["CSystem"],
    "JSONText": [],
    "Tensors": ["COpenBLAS", "CKernels"],
    "NeuralNetwork": ["Tensors"],
    "ArchitectureSearch": ["NeuralNetwork", "Tensors", "JSONText"],
    "TensorFiles": ["JSONText", "OperatingSystem"],
    "RunLog": ["CKernels", "JSONText", "OperatingSystem"],
    "Training": [
      "NeuralNetwork", "ArchitectureSearch", "Tensors", "TensorFiles", "RunLog", "JSONText",
      "OperatingSystem",
    ],
    "LogFormats": ["RunLog", "TensorFiles", "JSONText", "OperatingSystem"],
    "RunModel": ["RunLog", "JSONText"],
    "TerminalUI": [],
    "Dashboard": [
      "TerminalUI", "RunModel", "LogFormats", "RunLog", "JSONText", "OperatingSystem",
    ],
    "NcursesBackend": ["TerminalUI", "CNcurses"],
    "nntop": [
      "Dashboard", "NcursesBackend", "TerminalUI", "RunModel", "LogFormats", "Training",
      "NeuralNetwork", "ArchitectureSearch", "Tensors", "TensorFiles", "RunLog", "JSONText",
      "OperatingSystem",
    ],
  ]

  /// What comes with the language and the system.
  static let system: Set<String> = ["Glibc", "Synchronization"]
}
