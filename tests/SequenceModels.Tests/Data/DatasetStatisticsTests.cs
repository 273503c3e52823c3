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
        Assert.Equal(["2 singleLabel", "2 strayQuote"], s_csv.Inspect(Content).Warnings.Brief());
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
    public void Lengths_are_told_exactly()
    {
        Assert.Equal(new LengthStatistics(1, 2.25, 2, 4, 4), s_lines.Inspect("é\nab\n😀b\nabcd\n").Statistics.Lengths);
        Assert.Equal(new LengthStatistics(3, 3, 3, 3, 3), s_lines.Inspect("abc\n").Statistics.Lengths);

        var statistics = s_lines.Inspect(string.Concat(Enumerable.Range(1, 2_000).Reverse().Select(length => new string('a', length) + "\n"))).Statistics;
        Assert.Equal(new LengthStatistics(1, 1000.5, 1000, 1900, 2000), statistics.Lengths);

        var longest = DatasetLimits.RowBytes;
        Assert.Equal(new LengthStatistics(1, (1 + longest) / 2.0, 1, longest, longest), s_lines.Inspect("b\n" + new string('a', longest)).Statistics.Lengths);
        Assert.Null(new DatasetOptions(DatasetFormat.Text).Inspect("abc").Statistics.Lengths);
    }

    [Fact]
    public void The_most_frequent_characters_are_told_with_their_counts()
    {
        Assert.Equal([new("b", 3), new("é", 2), new("😀", 2), new("a", 1)], s_lines.Inspect("ab😀é\nbb\né😀").Statistics.FrequentCharacters);
        var all = s_lines.Inspect(string.Concat(Enumerable.Range('A', 60).Select(letter => (char)letter))).Statistics.FrequentCharacters;
        Assert.Equal("ABCDEFGHIJKLMNOPQRST", string.Concat(all!.Select(character => character.Character)));
    }

    [Fact]
    public void Labels_that_differ_in_case_or_white_space_get_a_warning_each_but_the_first()
    {
        var rows = string.Concat(Enumerable.Range(0, 30).Select(i => $"t{i},{(i % 5) switch { 0 => "Positive", 1 => "positive ", 2 => "POS ITIVE", 3 => "negative", _ => "neutral" }}\n"));
        var inspection = s_csv.Inspect("text,label\n" + rows);
        Assert.Equal(["3 similarLabels", "4 similarLabels"], inspection.Warnings.Brief());
        Assert.Equal("The label 'positive ' (6 rows) and 'Positive' of line 2 (6 rows) differ in case or white space only; they are two labels.", inspection.Warnings[0].Message);
    }

    [Fact]
    public void A_row_far_longer_than_nearly_all_others_gets_a_warning_and_one_somewhat_longer_none()
    {
        string Rows(int longest) => string.Concat(Enumerable.Range(0, 99).Select(i => $"{i:00} {new string('a', 27)}\n")) + new string('b', longest) + "\n";
        Assert.Empty(s_lines.Inspect(Rows(600)).Warnings);
        Assert.Equal(["100 outlyingLength"], s_lines.Inspect(Rows(601)).Warnings.Brief());
        Assert.Equal(["100 veryLongRow"], s_lines.Inspect(Rows(20_000)).Warnings.Brief());
    }
}
