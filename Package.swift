// swift-tools-version: 6.0
import PackageDescription

/// One line per module; the arrows are those of the table at the end of README.md, kept by
/// TidyTests.
let package = Package(
  name: "nntop",
  targets: [
    // C: what Swift cannot import (macros, globals, variadics, GNU names) and measured hot loops.
    .target(
      name: "CNcurses", linkerSettings: [.linkedLibrary("ncursesw"), .linkedLibrary("tinfo")]),
    .systemLibrary(name: "COpenBLAS", providers: [.apt(["libopenblas-dev"])]),
    .target(name: "CKernels"),
    .target(name: "CSystem", cSettings: [.define("_GNU_SOURCE")]),

    .target(name: "OperatingSystem", dependencies: ["CSystem"]),
    .target(name: "JSONText"),

    // The engine.
    .target(name: "Tensors", dependencies: ["COpenBLAS", "CKernels"]),
    .target(name: "NeuralNetwork", dependencies: ["Tensors"]),
    .target(name: "ArchitectureSearch", dependencies: ["NeuralNetwork", "Tensors", "JSONText"]),
    .target(name: "TensorFiles", dependencies: ["JSONText", "OperatingSystem"]),
    .target(
      name: "Training",
      dependencies: [
        "NeuralNetwork", "ArchitectureSearch", "Tensors", "TensorFiles", "RunLog", "JSONText",
        "OperatingSystem",
      ]),

    // Where the engine and people meet.
    .target(name: "RunLog", dependencies: ["CKernels", "JSONText", "OperatingSystem"]),

    // The dashboard.
    .target(
      name: "LogFormats", dependencies: ["RunLog", "TensorFiles", "JSONText", "OperatingSystem"]),
    .target(name: "RunModel", dependencies: ["RunLog", "JSONText"]),
    .target(name: "TerminalUI", resources: [.embedInCode("themes")]),
    .target(
      name: "Dashboard",
      dependencies: [
        "TerminalUI", "RunModel", "LogFormats", "RunLog", "JSONText", "OperatingSystem",
      ]),
    .target(name: "NcursesBackend", dependencies: ["TerminalUI", "CNcurses"]),

    // The command line: the only module that sees both sides.
    .executableTarget(
      name: "nntop",
      dependencies: [
        "Dashboard", "NcursesBackend", "TerminalUI", "RunModel", "LogFormats", "Training",
        "NeuralNetwork", "ArchitectureSearch", "Tensors", "TensorFiles", "RunLog", "JSONText",
        "OperatingSystem",
      ]),

    .target(
      name: "TestSupport", dependencies: ["RunLog", "OperatingSystem"], path: "Tests/TestSupport"),
    .testTarget(name: "OperatingSystemTests", dependencies: ["OperatingSystem", "TestSupport"]),
    .testTarget(name: "JSONTextTests", dependencies: ["JSONText", "TestSupport"]),
    .testTarget(name: "TensorsTests", dependencies: ["Tensors", "CKernels", "CSystem"]),
    .testTarget(
      name: "NeuralNetworkTests",
      dependencies: [
        "NeuralNetwork", "Tensors", "JSONText", "OperatingSystem", "TestSupport",
      ], exclude: ["Truth"]),
    .testTarget(
      name: "ArchitectureSearchTests",
      dependencies: [
        "ArchitectureSearch", "NeuralNetwork", "Tensors", "JSONText", "OperatingSystem",
        "TestSupport",
      ], exclude: ["Truth"]),
    .testTarget(name: "TensorFilesTests", dependencies: ["TensorFiles", "OperatingSystem"]),
    .testTarget(
      name: "RunLogTests",
      dependencies: [
        "RunLog", "JSONText", "OperatingSystem", "TestSupport",
      ]),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "Training", "NeuralNetwork", "Tensors", "TensorFiles", "RunLog", "JSONText",
        "OperatingSystem", "CSystem",
      ]),
    .testTarget(
      name: "LogFormatsTests",
      dependencies: [
        "LogFormats", "RunLog", "JSONText", "OperatingSystem", "TestSupport",
      ], exclude: ["Truth"]),
    .testTarget(
      name: "RunModelTests", dependencies: ["RunModel", "RunLog", "JSONText", "TestSupport"]),
    .testTarget(name: "TerminalUITests", dependencies: ["TerminalUI"]),
    .testTarget(
      name: "DashboardTests",
      dependencies: [
        "Dashboard", "TerminalUI", "RunModel", "LogFormats", "RunLog", "JSONText",
        "OperatingSystem", "TestSupport",
      ], exclude: ["Snapshots"]),
    .testTarget(
      name: "NcursesBackendTests",
      dependencies: [
        "NcursesBackend", "TerminalUI", "CNcurses",
      ]),
    .testTarget(
      name: "nntopTests",
      dependencies: [
        "nntop", "NeuralNetwork", "Tensors", "RunModel", "RunLog", "TensorFiles", "JSONText",
        "OperatingSystem", "TestSupport",
      ]),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "TestSupport", "OperatingSystem", "JSONText", "RunLog",
      ], exclude: ["Python", "Slurm"]),
    .testTarget(name: "TidyTests", dependencies: ["TestSupport", "OperatingSystem"]),
  ],
  swiftLanguageModes: [.v6]
)

// libFuzzer brings a main of its own, so it is a target only for .ci/fuzz.
if Context.environment["NNTOP_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "FuzzFormats",
      dependencies: ["LogFormats", "RunLog", "TensorFiles", "OperatingSystem"],
      path: "Tests/Fuzz", exclude: ["Corpus", "EXECUTIONS.md"]))
}
