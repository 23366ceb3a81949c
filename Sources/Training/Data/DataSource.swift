import NeuralNetwork
import OperatingSystem
import Tensors

/// Where samples come from: files of some format, or the program itself.
protocol DataSource: Described, Sendable {
  /// Reads its own fields of the experiment's `data`.
  init(_ object: ExperimentObject) throws

  /// How the source divides its samples.
  var division: DataDivision { get }
  var normalizationDefault: Normalization { get }

  /// What a network has to fit; nil when files must be read to know it.
  var outline: DatasetOutline? { get }
  /// Whether what `outline` describes are images.
  var drawsImages: Bool { get }
  /// All samples, drawn or read. Mistakes are one line that names the file.
  func read(pool: WorkerPool, files: any FileSystem) throws -> SampleSet
}

extension DataSource {
  var normalizationDefault: Normalization { .standard }
  var outline: DatasetOutline? { nil }
  var drawsImages: Bool { false }
}

/// How samples become those that train and those that validate.
enum DataDivision {
  /// The source says which are which.
  case given
  /// A fraction validates: a random one, or that at the end of the file.
  case fraction(isShuffled: Bool)
}

/// All kinds of data, by the name under which experiments ask for them.
public enum DataSourceCatalogue {
  static let all: [any DataSource.Type] = [
    GlyphsSource.self, SequentialGlyphsSource.self, PermutedGlyphsSource.self,
    SpiralsSource.self, AddingSource.self, CopyMemorySource.self, IDXSource.self,
    CIFAR10Source.self, NumpySource.self, CSVSource.self,
  ]

  /// For lists of what there is; the first is what an experiment gets that names none.
  public static var kinds: [any Described.Type] { all.map { $0 } }
}
