using SequenceModels.Data;
using SequenceModels.Tests.Baselines;

namespace SequenceModels.Tests.Data;

[Trait("Category", "RealData")]
public sealed class RealDatasetTests
{
    [RealDataFact]
    public void A_long_text_is_counted()
    {
        var inspection = Inspect("tinyshakespeare/input.txt", new DatasetOptions(DatasetFormat.Text));
        Assert.Equal((0, 1, 1_115_394, 65), (inspection.FaultCount, inspection.Statistics.Sequences, inspection.Statistics.Characters, inspection.Statistics.DistinctCharacters));
    }

    [RealDataFact]
    public void A_table_whose_texts_hold_quotes_is_read_row_by_row()
    {
        var inspection = Inspect("mr/mr.train.tsv", new DatasetOptions(DatasetFormat.Tsv));
        Assert.Equal((0, 9_062), (inspection.FaultCount, inspection.Statistics.Sequences));
        Assert.Equal(["0", "1"], inspection.Statistics.Labels.Keys);
        Assert.Equal(9_062, inspection.Statistics.Labels.Values.Sum());
    }

    [RealDataFact]
    public void Names_under_several_labels_are_warned_of()
    {
        var inspection = Inspect("names18/names18.train.tsv", new DatasetOptions(DatasetFormat.Tsv, TextColumn: "name", LabelColumn: "language"));
        Assert.Equal((0, 15_325, 18), (inspection.FaultCount, inspection.Statistics.Sequences, inspection.Statistics.Labels.Count));
        Assert.All(inspection.Warnings, warning => Assert.Equal("conflictingLabel", warning.Code));
        Assert.NotEmpty(inspection.Warnings);
    }

    private static DatasetInspection Inspect(string path, DatasetOptions options)
    {
        using var content = File.OpenRead(Path.Combine(RealDataFactAttribute.Folder!, path));
        return DatasetInspector.Inspect(content, options, CancellationToken.None);
    }
}
