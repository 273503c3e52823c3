using SequenceModels.Data;
using SequenceModels.Tasks;
using SequenceModels.Training;

namespace SequenceModels.Tests.Training;

public sealed class AutomaticChoiceTests
{
    [Fact]
    public void A_choice_names_the_numbers_of_the_data_that_decided_it()
    {
        TrainingData lines = new TrainingData.Lines([.. Enumerable.Repeat("stone", 1200)]), validation = new TrainingData.Lines(["stone"]);
        var plan = TrainingRuns.Plan(TaskKind.LanguageModel, lines, validation);
        Assert.StartsWith("7,200 characters of 1,200 lines, line ends counted, fewer than 50,000:", Reason(plan, "architecture.hiddenSize"), StringComparison.Ordinal);
        Assert.Equal("The longest of 1,200 lines has 6 characters, its end counted.", Reason(plan, "training.sequenceLength"));

        TrainingData labelled = new TrainingData.Labelled([.. Enumerable.Range(0, 10).Select(i => new LabelledText("one two three four", $"{i % 2}"))]);
        plan = TrainingRuns.Plan(TaskKind.Classification, labelled, labelled);
        Assert.StartsWith("10 examples of 4.0 words on average, fewer than 3,000 examples:", Reason(plan, "training.learningRate"), StringComparison.Ordinal);
        Assert.Contains("three words or more", Reason(plan, "architecture.tokenizer"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_asked_for_has_no_reason_and_what_was_not_has_its_value()
    {
        var (training, validation) = DataSplitter.Split(TrainingRuns.Lines(50), 0.2, 1);
        var plan = TrainingRuns.Plan(TaskKind.LanguageModel, training, validation, new() { HiddenSize = 7, Dropout = 0.25 }, new() { Epochs = 3, Seed = 1 });
        var choices = plan.Choices.ToDictionary(choice => choice.Member);
        Assert.All(new[] { "architecture.hiddenSize", "architecture.dropout", "training.epochs" }, member => Assert.DoesNotContain(member, choices.Keys));
        Assert.Equal((CellKind.Lstm, 0d, 0.25), ((CellKind)choices["architecture.cell"].Value, (double)choices["architecture.embeddingDropout"].Value, (double)choices["architecture.outputDropout"].Value));
        Assert.Contains("chooses all", choices["architecture.weightDropout"].Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("architecture.pooling", choices.Keys);
    }

    [Fact]
    public void What_a_version_decides_is_told_as_its_choice()
    {
        using var outcome = TrainingRuns.Train(TaskKind.LanguageModel, TrainingRuns.Lines(30), new() { HiddenSize = 9 }, new() { Epochs = 1, Seed = 1 });
        var (training, validation) = DataSplitter.Split(TrainingRuns.Labelled(40), 0.2, 1);
        using var start = TrainingBase.Of(BaseKind.BaseModel, outcome.Model);
        var plan = TrainingPlanner.Resolve(TaskKind.Classification, training, validation, new(), new() { Seed = 1 }, 1, start).Plan!;
        Assert.Contains("the version", Reason(plan, "architecture.hiddenSize"), StringComparison.Ordinal);
        Assert.Contains("language model", Reason(plan, "training.epochs"), StringComparison.Ordinal);
        Assert.Contains("language model", Reason(plan, "training.gradualUnfreezing"), StringComparison.Ordinal);
        Assert.DoesNotContain("the version", Reason(plan, "architecture.dropout"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("oneLabel", "all 3 examples to learn from have the label 'a'; at least 2 labels are needed")]
    [InlineData("oneLabel", "with 1 example or more of each, and 2 of one label unless there is a validation dataset")]
    [InlineData("oneExample", "the 1 example to learn from has the label 'a'; at least 2 labels are needed")]
    [InlineData("single", "2 of 2 labels, no label with 2, so that none is left to measure on. At least 2 of one label are needed")]
    [InlineData("lines", "1 to learn from and 0 to measure on; at least 2 and 1 are needed")]
    [InlineData("short", "9 tokens to learn from and 1 to measure on; at least 32 and 2 are needed")]
    [InlineData("unmeasured", "100 tokens to learn from and 0 to measure on; at least 32 and 2 are needed, which a larger validation.fraction would leave")]
    [InlineData("strange", "lack: c. At least 1 example to learn from is needed of each; there are examples of a, b")]
    public void A_refusal_tells_what_there_is_and_what_would_be_enough(string what, string expected)
    {
        static TrainingData Labelled(params string[] labels) => new TrainingData.Labelled([.. labels.Select((label, i) => new LabelledText($"x y {i}", label))]);
        var (task, (training, validation)) = what switch
        {
            "oneLabel" => (TaskKind.Classification, DataSplitter.Split(Labelled("a", "a", "a", "a"), 0.1, 1)),
            "oneExample" => (TaskKind.Classification, DataSplitter.Split(Labelled("a", "a"), 0.1, 1)),
            "single" => (TaskKind.Classification, DataSplitter.Split(Labelled("a", "b"), 0.5, 1)),
            "lines" => (TaskKind.LanguageModel, DataSplitter.Split(new TrainingData.Lines(["x"]), 0.1, 1)),
            "short" => (TaskKind.LanguageModel, DataSplitter.Split(new TrainingData.ContinuousText("abcdefghij"), 0.1, 1)),
            "unmeasured" => (TaskKind.LanguageModel, DataSplitter.Split(new TrainingData.ContinuousText(new string('x', 100)), 0.001, 1)),
            _ => (TaskKind.Classification, (Labelled("a", "b"), Labelled("c"))),
        };
        var outcome = TrainingPlanner.Resolve(task, training, validation, new(), new() { Seed = 1 });
        Assert.Null(outcome.Plan);
        Assert.Contains(expected, outcome.Refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("aab", null)]
    [InlineData("ab", "a")]
    public void What_a_refusal_of_one_label_asks_for_is_enough(string labels, string? held)
    {
        static TrainingData Labelled(string labels) => new TrainingData.Labelled([.. labels.Select((label, i) => new LabelledText($"x y {i}", $"{label}"))]);
        var (training, validation) = held is null ? DataSplitter.Split(Labelled(labels), 0.1, 1) : (Labelled(labels), Labelled(held));
        Assert.Null(TrainingPlanner.Resolve(TaskKind.Classification, training, validation, new(), new() { Seed = 1 }).Refusal);
    }

    [Fact]
    public void A_label_with_one_example_is_learned_and_not_measured()
    {
        TrainingData data = new TrainingData.Labelled([.. Enumerable.Range(0, 11).Select(i => new LabelledText($"x y {i}", i < 5 ? "a" : i < 10 ? "b" : "rare"))]);
        var (training, validation) = DataSplitter.Split(data, 0.2, 1);
        var plan = TrainingPlanner.Resolve(TaskKind.Classification, training, validation, new(), new() { Seed = 1 }).Plan!;
        Assert.Equal(["a", "b", "rare"], plan.Labels);
        Assert.DoesNotContain(((TrainingData.Labelled)validation).Items, item => item.Label == "rare");
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.001)]
    [InlineData(1)]
    [InlineData(3)]
    public void A_part_of_the_data_is_even_and_never_empty(double share)
    {
        var lines = (TrainingData.Lines)DataSplitter.Part(new TrainingData.Lines([.. Enumerable.Range(0, 10).Select(i => $"{i}")]), share);
        string[] expected = share >= 1 ? ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"] : share == 0.5 ? ["0", "2", "4", "6", "8"] : ["0"];
        Assert.Equal(expected, lines.Items);
        var text = (TrainingData.ContinuousText)DataSplitter.Part(new TrainingData.ContinuousText("ab\U0001F995\U0001F995"), share);
        Assert.Equal(share >= 1 ? "ab\U0001F995\U0001F995" : share == 0.5 ? "ab" : "a", text.Text);
        Assert.Equal(share >= 1 ? 10 : lines.Items.Count, lines.Length);
    }

    private static string Reason(TrainingPlan plan, string member) => plan.Choices.Single(choice => choice.Member == member).Reason;
}
