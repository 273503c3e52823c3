using System.Text.Unicode;
using SequenceModels.Data;

namespace SequenceModels.Tests.Data;

public sealed class DatasetStatisticsTests
{
    private static readonly DatasetOptions s_lines = new(DatasetFormat.Lines);
    private static readonly DatasetOptions s_csv = new(DatasetFormat.Csv);

    [Fact]
    public void Characters_are_Unicode_scalar_values_without_the_ends_of_rows()
    {
        var statistics = s_lines.Inspect("aé😀\r\n\r\nab\n").Statistics;
        Assert.Equal((2, 5, 4), (statistics.Sequences, statistics.Characters, statistics.DistinctCharacters));
        Assert.Empty(statistics.Labels);
        Assert.Empty(statistics.UnusedColumns);
    }

    [Fact]
    public void A_text_is_one_sequence_whose_line_ends_count()
    {
        var statistics = new DatasetOptions(DatasetFormat.Text).Inspect("\uFEFFab\r\nab\n").Statistics;
        Assert.Equal((1, 6, 3), (statistics.Sequences, statistics.Characters, statistics.DistinctCharacters));
    }

    [Fact]
    public void Code_points_that_lie_across_blocks_count_once()
    {
        var statistics = new DatasetOptions(DatasetFormat.Text).Inspect("a" + string.Concat(Enumerable.Repeat("😀", 50_000))).Statistics;
        Assert.Equal((50_001, 2), (statistics.Characters, statistics.DistinctCharacters));
    }

    [Fact]
    public void Labels_are_counted_and_other_columns_listed()
    {
        var statistics = s_csv.Inspect("id,text,label,note\n1,abc,pos,\n2,abd,neg,x\n3,abe,pos,\n").Statistics;
        Assert.Equal(3, statistics.Sequences);
        Assert.Equal(9, statistics.Characters);
        Assert.Equal(["id", "note"], statistics.UnusedColumns);
        Assert.Equal([KeyValuePair.Create("neg", 1L), KeyValuePair.Create("pos", 2L)], statistics.Labels);
    }

    [Fact]
    public void Repeated_texts_get_a_warning_that_names_the_first_line()
    {
        var warning = Assert.Single(s_lines.Inspect("a\nb\n\na\n").Warnings);
        Assert.Equal((4, "duplicateText"), (warning.Line, warning.Code));
        Assert.Contains("line 1", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_text_under_two_labels_gets_a_warning_of_its_own()
    {
        var rows = string.Concat(Enumerable.Range(0, 10).Select(i => $"t{i},{(i % 2 == 0 ? "x" : "y")}\n"));
        var inspection = s_csv.Inspect("text,label\n" + rows + "t0,y\nt1,y\n");
        Assert.Equal(["12 conflictingLabel", "13 duplicateText"], inspection.Warnings.Brief());
        Assert.Equal(0, inspection.FaultCount);
    }

    [Fact]
    public void A_very_long_row_gets_a_warning()
    {
        Assert.Empty(s_lines.Inspect(new string('é', 10_000)).Warnings);
        Assert.Equal(["2 veryLongRow"], s_lines.Inspect("a\n" + new string('é', 10_001)).Warnings.Brief());
    }

    [Fact]
    public void Rare_labels_get_a_warning_at_their_first_row_before_all_others()
    {
        var rows = string.Concat(Enumerable.Range(0, 5).Select(i => $"t{i},common\n")) + "t0,common\nu,rare\nv,rare\n";
        Assert.Equal(["8 rareLabel", "7 duplicateText"], s_csv.Inspect("text,label\n" + rows).Warnings.Brief());
    }

    [Fact]
    public void A_quote_within_an_unquoted_field_is_kept_with_a_warning()
    {
        const string Content = "text,label\na 5\" pipe,x\nb,x\nc,x\nd,x\ne,x\n";
        Assert.Equal(["2 strayQuote"], s_csv.Inspect(Content).Warnings.Brief());
        Assert.Equal("a 5\" pipe", s_csv.ReadLabelled(Content)[0].Text);
    }

    [Fact]
    public void The_first_hundred_warnings_are_told_and_all_are_counted()
    {
        var inspection = s_lines.Inspect(string.Concat(Enumerable.Repeat("again\n", 301)));
        Assert.Equal(100, inspection.Warnings.Count);
        Assert.Equal(300, inspection.WarningCount);
        Assert.Equal(101, inspection.Warnings[^1].Line);
    }

    [Fact]
    public void Many_texts_are_told_apart()
    {
        var inspection = s_lines.Inspect(string.Concat(Enumerable.Range(0, 200_000).Select(i => $"row {i}\n")) + "row 77777\n");
        Assert.Equal(["200001 duplicateText"], inspection.Warnings.Brief());
        Assert.Contains("line 77778", inspection.Warnings[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_there_are_more_texts_than_are_remembered_a_warning_says_so()
    {
        using var lines = new GeneratedStream(DatasetLimits.RememberedTexts + 10, (i, destination) =>
        {
            Utf8.TryWrite(destination, $"row {(i == DatasetLimits.RememberedTexts + 9 ? 5 : i)}\n", out var length);
            return length;
        });
        var inspection = DatasetInspector.Inspect(lines, s_lines, CancellationToken.None);
        Assert.Equal([$"{DatasetLimits.RememberedTexts + 1} duplicatesNotAllChecked", $"{DatasetLimits.RememberedTexts + 10} duplicateText"], inspection.Warnings.Brief());
    }
}
