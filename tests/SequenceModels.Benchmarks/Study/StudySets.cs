using SequenceModels.Data;
using SequenceModels.Tasks;

namespace SequenceModels.Benchmarks.Study;

/// <summary>A set of real data, with rows set aside that no run is shown.</summary>
/// <param name="Task">What is learned.</param>
/// <param name="Shown">The rows that a service would be given.</param>
/// <param name="Unseen">The rows set aside.</param>
internal sealed record StudySet(TaskKind Task, TrainingData Shown, TrainingData Unseen);

/// <summary>The sets of the study, read from the folder that RNN_DATA names.</summary>
internal static class StudySets
{
    private const double UnseenFraction = 0.15;
    private const long UnseenSeed = 20;

    private static readonly DatasetOptions s_lines = new(DatasetFormat.Lines);
    private static readonly DatasetOptions s_columns = new(DatasetFormat.Tsv);

    public static IReadOnlyList<string> Names { get; } = ["names18", "trec", "dna_splice", "mr", "imdb_subset", "sst2", "sentiment_sentences", "dinos", "names", "tinyshakespeare"];

    /// <exception cref="ArgumentException">There is no such set.</exception>
    public static StudySet Read(string name) => name switch
    {
        "names18" => Held("names18/names18.train.tsv", s_columns with { TextColumn = "name", LabelColumn = "language" }),
        "trec" => Given("trec/trec.train.tsv", "trec/trec.test.tsv", s_columns with { LabelColumn = "coarse" }),
        "dna_splice" => Held("dna_splice/splice.train.tsv", s_columns with { TextColumn = "sequence" }),
        "mr" => Held("mr/mr.train.tsv", s_columns),
        "imdb_subset" => Given("imdb_subset/imdb.train.tsv", "imdb_subset/imdb.test.tsv", s_columns),
        "sst2" => Given("sst2/train.tsv", "sst2/test.tsv", s_columns with { Header = false }),
        "sentiment_sentences" => Held("sentiment_sentences/sentences.tsv", s_columns),
        "dinos" => Lines("dinos/dinos_clean.txt"),
        "names" => Lines("names/names.txt"),
        "tinyshakespeare" => Text("tinyshakespeare/input.txt"),
        _ => throw new ArgumentException($"There is no set '{name}'; the sets are {string.Join(", ", Names)}.", nameof(name)),
    };

    /// <summary>Different texts are drawn label by label, and every row of a text goes where the text goes.</summary>
    private static StudySet Held(string file, DatasetOptions options)
    {
        var rows = ((TrainingData.Labelled)ReadFile(file, options)).Items;
        var texts = new TrainingData.Labelled([.. rows.DistinctBy(row => row.Text)]);
        var drawn = ((TrainingData.Labelled)DataSplitter.Split(texts, UnseenFraction, UnseenSeed).Validation).Items.Select(row => row.Text).ToHashSet(StringComparer.Ordinal);
        return new StudySet(
            TaskKind.Classification,
            new TrainingData.Labelled([.. rows.Where(row => !drawn.Contains(row.Text))]),
            new TrainingData.Labelled([.. rows.Where(row => drawn.Contains(row.Text))]));
    }

    private static StudySet Given(string training, string test, DatasetOptions options) =>
        new(TaskKind.Classification, ReadFile(training, options), ReadFile(test, options));

    private static StudySet Lines(string file)
    {
        var (shown, unseen) = DataSplitter.Split(ReadFile(file, s_lines), UnseenFraction, UnseenSeed);
        return new StudySet(TaskKind.LanguageModel, shown, unseen);
    }

    private static StudySet Text(string file)
    {
        var (shown, unseen) = DataSplitter.Split(ReadFile(file, new DatasetOptions(DatasetFormat.Text)), 0.1, UnseenSeed);
        return new StudySet(TaskKind.LanguageModel, shown, unseen);
    }

    private static TrainingData ReadFile(string file, DatasetOptions options)
    {
        string folder = Environment.GetEnvironmentVariable("RNN_DATA") ?? throw new InvalidOperationException("RNN_DATA names no folder of real data.");
        using var stream = File.OpenRead(Path.Combine(folder, file));
        return DatasetReader.Read(stream, options, CancellationToken.None);
    }
}
