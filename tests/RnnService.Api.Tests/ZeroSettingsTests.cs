using SequenceModels.Data;
using Xunit.Abstractions;

namespace RnnService.Api.Tests;

/// <summary>
/// What a request of model, task and dataset alone reaches on rows that the service never saw. Where a set has no test file, 15 % of its different texts are set aside, label by label, and every row
/// of a text with it. Run with <c>dotnet test --filter Category=RealData</c> and RNN_DATA set; docs/defaults.md tells what to expect.
/// </summary>
[Trait("Category", "RealData")]
public sealed class ZeroSettingsTests(ITestOutputHelper output)
{
    private const double UnseenFraction = 0.15;
    private const long UnseenSeed = 20;
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    [RealDataFact]
    public Task Surnames_are_given_one_of_18_languages() => ReachesAsync(0.80, "names18", "name", "language", "names18.train.tsv");

    [RealDataFact]
    public Task Questions_are_given_one_of_six_topics() => ReachesAsync(0.86, "trec", "text", "coarse", "trec.train.tsv", "trec.test.tsv");

    [RealDataFact]
    public Task Splice_junctions_are_told_from_other_sequences_of_bases() => ReachesAsync(0.90, "dna_splice", "sequence", "label", "splice.train.tsv");

    [RealDataFact]
    public Task Sentences_about_films_are_positive_or_negative() => ReachesAsync(0.76, "mr", "text", "label", "mr.train.tsv");

    [RealDataFact]
    public Task Long_film_reviews_are_positive_or_negative() => ReachesAsync(0.80, "imdb_subset", "text", "label", "imdb.train.tsv", "imdb.test.tsv");

    [RealDataFact]
    public async Task Dinosaur_names_are_predicted_character_by_character()
    {
        await using var service = await ServiceHost.StartAsync();
        await service.UploadAsync("dinos", "format=lines", Path.Combine(RealDataFactAttribute.Folder!, "dinos", "dinos_clean.txt"));
        var job = await service.TrainAsync(output, new { model = "dinos", task = "languageModel", dataset = new { name = "dinos" } }, s_limit);
        Assert.InRange((double)job["result"]!["metrics"]!["validationLoss"]!, 1.0, 1.64);
    }

    private async Task ReachesAsync(double atLeast, string set, string textColumn, string labelColumn, string trainingFile, string? testFile = null)
    {
        var rows = Read(set, trainingFile, textColumn, labelColumn);
        var (shown, unseen) = testFile is null ? SetAside(rows) : (rows, Read(set, testFile, textColumn, labelColumn));
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, $"{set}.tsv");
        await File.WriteAllLinesAsync(file, ["label\ttext", .. shown.Select(row => $"{row.Label}\t{row.Text}")]);

        await using var service = await ServiceHost.StartAsync();
        await service.UploadAsync(set, "format=tsv", file);
        await service.TrainAsync(output, new { model = set, task = "classification", dataset = new { name = set } }, s_limit);
        double accuracy = await service.AccuracyAsync(set, unseen);
        output.WriteLine($"{accuracy:P1} of {unseen.Count} rows that were not shown, of {shown.Count} that were learned from; at least {atLeast:P0} is wanted.");
        Assert.True(accuracy >= atLeast, $"{accuracy:P1} of {unseen.Count} rows that were not shown; at least {atLeast:P0} is wanted.");
    }

    private static (List<(string Text, string Label)> Shown, List<(string Text, string Label)> Unseen) SetAside(List<(string Text, string Label)> rows)
    {
        var texts = new TrainingData.Labelled([.. rows.DistinctBy(row => row.Text).Select(row => new LabelledText(row.Text, row.Label))]);
        var drawn = ((TrainingData.Labelled)DataSplitter.Split(texts, UnseenFraction, UnseenSeed).Validation).Items.Select(row => row.Text).ToHashSet(StringComparer.Ordinal);
        return ([.. rows.Where(row => !drawn.Contains(row.Text))], [.. rows.Where(row => drawn.Contains(row.Text))]);
    }

    private static List<(string Text, string Label)> Read(string set, string file, string textColumn, string labelColumn)
    {
        string[][] lines = [.. File.ReadLines(Path.Combine(RealDataFactAttribute.Folder!, set, file)).Where(line => line.Length > 0).Select(line => line.Split('\t'))];
        int text = Array.IndexOf(lines[0], textColumn), label = Array.IndexOf(lines[0], labelColumn);
        return [.. lines.Skip(1).Select(cells => (cells[text], cells[label]))];
    }
}
