using SequenceModels.Data;

namespace SequenceModels.Tests.Data;

public sealed class DataSplitterTests
{
    [Fact]
    public void The_last_part_of_a_text_is_held_back_and_no_character_is_cut_in_two()
    {
        var (training, validation) = DataSplitter.Split(new TrainingData.ContinuousText("abcdefghij"), 0.3, 1);
        Assert.Equal(new TrainingData.ContinuousText("abcdefg"), training);
        Assert.Equal(new TrainingData.ContinuousText("hij"), validation);

        (training, validation) = DataSplitter.Split(new TrainingData.ContinuousText("abc\U0001F995"), 0.2, 1);
        Assert.Equal(new TrainingData.ContinuousText("abc"), training);
        Assert.Equal(new TrainingData.ContinuousText("\U0001F995"), validation);
    }

    [Fact]
    public void Lines_are_chosen_by_the_seed_and_keep_their_order()
    {
        var lines = new TrainingData.Lines([.. Enumerable.Range(0, 100).Select(i => $"{i:000}")]);
        var first = Parts(DataSplitter.Split(lines, 0.1, 1));
        var again = Parts(DataSplitter.Split(lines, 0.1, 1));
        var other = Parts(DataSplitter.Split(lines, 0.1, 2));

        Assert.Equal((90, 10), (first.Training.Count, first.Validation.Count));
        Assert.Equal(first, again);
        Assert.NotEqual(first.Validation, other.Validation);
        Assert.Equal(first.Training.Order(), first.Training);
        Assert.Equal(lines.Items, first.Training.Concat(first.Validation).Order());
    }

    [Fact]
    public void Every_label_gives_its_share_and_stays_in_training()
    {
        var items = Enumerable.Range(0, 100).Select(i => new LabelledText($"{i}", i < 80 ? "many" : i < 99 ? "some" : "one"));
        var (training, validation) = DataSplitter.Split(new TrainingData.Labelled([.. items]), 0.2, 1);
        int Count(TrainingData data, string label) => ((TrainingData.Labelled)data).Items.Count(item => item.Label == label);

        Assert.Equal((64, 16), (Count(training, "many"), Count(validation, "many")));
        Assert.Equal((15, 4), (Count(training, "some"), Count(validation, "some")));
        Assert.Equal((1, 0), (Count(training, "one"), Count(validation, "one")));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.51)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public void A_share_out_of_range_is_refused(double fraction) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => DataSplitter.Split(new TrainingData.ContinuousText("abc"), fraction, 1));

    private static (IReadOnlyList<string> Training, IReadOnlyList<string> Validation) Parts((TrainingData Training, TrainingData Validation) split) =>
        (((TrainingData.Lines)split.Training).Items, ((TrainingData.Lines)split.Validation).Items);
}
