using SequenceModels.Baselines;
using SequenceModels.Data;
using SequenceModels.Tasks;
using SequenceModels.Text;

namespace SequenceModels.Tests.Baselines;

public sealed class BaselineReportTests
{
    [Fact]
    public void Lines_are_measured_with_their_end_marks()
    {
        string[] lines = ["ab", "abb", "ba"];
        var tokenizer = Tokenizers.Build(TokenizerKind.Character, lines, false, 1, withEnd: true);

        var report = LanguageModelBaselines.Measure(tokenizer, new TrainingData.Lines(lines), new TrainingData.Lines(["ab"]), CancellationToken.None);

        // Order 1: a 3, b 4, end 3 of 10, T = 3, V = 4.
        double a = (3 + 0.75) / 13, b = (4 + 0.75) / 13, end = (3 + 0.75) / 13;
        Assert.Equal([1, 2, 3, 4, 5], report.Results.Select(result => result.Order));
        Assert.Equal(-(Math.Log(a) + Math.Log(b) + Math.Log(end)) / 3, report.Results[0].NatsPerToken, 12);
        Assert.Equal((10, 3), (report.TrainingTokens, report.ValidationTokens));
    }

    [Fact]
    public void A_long_text_is_measured_in_pieces_without_losing_a_token()
    {
        string text = string.Concat(Enumerable.Repeat("the cat sat on the mat 😀 ", 20_000));
        foreach (var kind in Enum.GetValues<TokenizerKind>())
        {
            var tokenizer = Tokenizers.Build(kind, [text], false, 1, withEnd: false);
            var data = new TrainingData.ContinuousText(text);

            var report = LanguageModelBaselines.Measure(tokenizer, data, data, CancellationToken.None);

            int tokens = tokenizer.Encode(text).Length;
            Assert.Equal((tokens, tokens), (report.TrainingTokens, report.ValidationTokens));

            // A text that repeats itself is nearly certain once four tokens tell where in it one is.
            Assert.InRange(report.Results[^1].NatsPerToken, 0, kind == TokenizerKind.Word ? 0.001 : 0.1);
        }
    }

    [Fact]
    public void Labelled_data_has_no_n_grams()
    {
        var tokenizer = Tokenizers.Build(TokenizerKind.Character, ["a"], false, 1, withEnd: true);
        var labelled = new TrainingData.Labelled([new("a", "b")]);

        Assert.Throws<ArgumentException>(() => LanguageModelBaselines.Measure(tokenizer, labelled, labelled, CancellationToken.None));
    }

    [Fact]
    public void Classifiers_are_measured_by_accuracy_and_log_loss()
    {
        LabelledText[] training = [new("good", "yes"), new("fine", "yes"), new("bad", "no")];
        LabelledText[] validation = [new("good", "yes"), new("bad", "no"), new("bad", "no"), new("fine", "maybe")];
        var tokenizer = Tokenizers.Build(TokenizerKind.Word, training.Select(example => example.Text), false, 1, withEnd: false);

        var report = ClassificationBaselines.Measure(tokenizer, training, validation, CancellationToken.None);

        Assert.Equal((3, 4), (report.TrainingExamples, report.ValidationExamples));
        Assert.Equal(1 / 4.0, report.Majority.Accuracy);
        Assert.Equal((-Math.Log(2 / 3.0) - 2 * Math.Log(1 / 3.0) - Math.Log(1e-15)) / 4, report.Majority.LogLoss, 12);

        // Features good, fine, bad: F = 3. Priors 3/5 and 2/5; "good": yes 2/5, no 1/4; "bad": yes 1/5, no 2/4.
        double good = 3 / 5.0 * 2 / 5, notGood = 2 / 5.0 / 4, bad = 2 / 5.0 * 2 / 4, notBad = 3 / 5.0 / 5;
        Assert.Equal(3 / 4.0, report.NaiveBayes.Accuracy);
        Assert.Equal((-Math.Log(good / (good + notGood)) - 2 * Math.Log(bad / (bad + notBad)) - Math.Log(1e-15)) / 4, report.NaiveBayes.LogLoss, 12);
    }

    [Fact]
    public void Of_equally_frequent_labels_the_first_in_ordinal_order_is_the_majority()
    {
        LabelledText[] training = [new("x", "b"), new("x", "a")];
        var tokenizer = Tokenizers.Build(TokenizerKind.Word, ["x"], false, 1, withEnd: false);

        Assert.Equal(1, ClassificationBaselines.Measure(tokenizer, training, [new("x", "a")], CancellationToken.None).Majority.Accuracy);
    }

    [Fact]
    public void Sides_without_examples_are_refused()
    {
        var tokenizer = Tokenizers.Build(TokenizerKind.Word, ["x"], false, 1, withEnd: false);

        Assert.Throws<ArgumentException>(() => ClassificationBaselines.Measure(tokenizer, [], [new("x", "a")], CancellationToken.None));
        Assert.Throws<ArgumentException>(() => ClassificationBaselines.Measure(tokenizer, [new("x", "a")], [], CancellationToken.None));
    }

    [Fact]
    public void Cancellation_is_seen()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        var tokenizer = Tokenizers.Build(TokenizerKind.Word, ["x"], false, 1, withEnd: false);
        var text = new TrainingData.ContinuousText("x");

        Assert.Throws<OperationCanceledException>(() => LanguageModelBaselines.Measure(tokenizer, text, text, cancellation.Token));
        Assert.Throws<OperationCanceledException>(() => ClassificationBaselines.Measure(tokenizer, [new("x", "a")], [new("x", "a")], cancellation.Token));
    }
}
