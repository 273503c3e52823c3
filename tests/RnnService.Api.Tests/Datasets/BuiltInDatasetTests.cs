using RnnService.Api.Datasets;
using SequenceModels.Data;

namespace RnnService.Api.Tests.Datasets;

public sealed class BuiltInDatasetTests
{
    private readonly BuiltInDatasets _datasets = new();

    [Fact]
    public void Dinosaurs_are_at_least_700_capitalised_names_in_order_without_repetition()
    {
        var names = Assert.IsType<TrainingData.Lines>(Read("dinosaurs")).Items;
        Assert.InRange(names.Count, 700, 2000);
        Assert.All(names, name => Assert.Matches("^[A-Z][a-z]{1,25}$", name));
        Assert.Equal(names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal), names);
        Assert.All(["Tyrannosaurus", "Triceratops", "Velociraptor", "Stegosaurus", "Iguanodon", "Archaeopteryx"], name => Assert.Contains(name, names));
    }

    [Fact]
    public void Opinions_are_at_least_500_different_sentences_half_of_them_positive()
    {
        var opinions = Assert.IsType<TrainingData.Labelled>(Read("opinions")).Items;
        Assert.InRange(opinions.Count, 500, 2000);
        var counts = opinions.CountBy(opinion => opinion.Label).ToDictionary();
        Assert.Equal(2, counts.Count);
        Assert.Equal(counts["positive"], counts["negative"]);
        Assert.Equal(opinions.Count, opinions.Select(opinion => opinion.Text).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(opinions, opinion =>
        {
            Assert.InRange(opinion.Text.Split(' ').Length, 4, 20);
            Assert.Matches("^[A-Z][A-Za-zé', -]*\\.$", opinion.Text);
        });
    }

    [Fact]
    public void Opinions_are_not_sorted_by_label_and_many_negate()
    {
        var opinions = Assert.IsType<TrainingData.Labelled>(Read("opinions")).Items;
        var changes = opinions.Zip(opinions.Skip(1), (first, second) => first.Label != second.Label).Count(changed => changed);
        Assert.InRange(changes, opinions.Count / 3, opinions.Count * 2 / 3);
        foreach (var label in new[] { "positive", "negative" })
        {
            Assert.InRange(opinions.Count(opinion => opinion.Label == label && opinion.Text.Split(' ', ',', '.').Any(word => word is "not" or "never" or "no" or "nothing" or "without")), 20, opinions.Count);
        }
    }

    [Fact]
    public void Their_statistics_hold_and_nothing_is_warned_of()
    {
        Assert.Equal(["dinosaurs", "opinions"], _datasets.All.Select(dataset => dataset.Name));
        foreach (var dataset in _datasets.All)
        {
            Assert.True(dataset.BuiltIn);
            Assert.Empty(dataset.Warnings);
            using var content = _datasets.OpenOrNull(dataset.Sha256);
            Assert.Equal(dataset.Bytes, content?.Length);
        }

        Assert.Equal(["negative", "positive"], _datasets.FindOrNull("opinions")!.Statistics.Labels.Keys);
        Assert.Equal(DatasetFormat.Lines, _datasets.FindOrNull("dinosaurs")!.Options.Format);
        Assert.Null(_datasets.FindOrNull("Dinosaurs"));
        Assert.Null(_datasets.OpenOrNull(new string('0', 64)));
    }

    private TrainingData Read(string name)
    {
        var dataset = _datasets.FindOrNull(name)!;
        using var content = _datasets.OpenOrNull(dataset.Sha256)!;
        return DatasetReader.Read(content, dataset.Options, CancellationToken.None);
    }
}
