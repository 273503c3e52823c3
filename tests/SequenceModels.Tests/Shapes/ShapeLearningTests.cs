using SequenceModels.Sampling;
using SequenceModels.Shapes;
using SequenceModels.Tasks;
using SequenceModels.Training;

namespace SequenceModels.Tests.Shapes;

/// <summary>Each shape learns a small problem that needs it, measured on what it has not seen where there is more than a handful to see.</summary>
public sealed class ShapeLearningTests
{
    [Fact]
    public void One_to_one_learns_exclusive_or()
    {
        var task = new SequenceTask { Shape = TaskShape.OneToOne, Input = SequenceFormat.Frames(2), Output = SequenceFormat.Tokens(2), Architecture = new() { HiddenSize = 8 } };
        SequenceExample[] examples = [.. Enumerable.Range(0, 4).Select(i => new SequenceExample(FrameSequence.Vector(i & 1, i >> 1), new TokenSequence((i & 1) ^ (i >> 1))))];
        using var outcome = Train(task, examples, examples, epochs: 200, batch: 4, rate: 0.05);
        Assert.Equal(1, outcome.Metrics["accuracy"]);
        Assert.True(outcome.Metrics["validationLoss"] < 0.05, $"The loss is {outcome.Metrics["validationLoss"]}.");
    }

    [Fact]
    public void One_to_many_draws_waves_of_a_given_frequency()
    {
        const int steps = 24;
        var task = new SequenceTask
        {
            Shape = TaskShape.OneToMany,
            Input = SequenceFormat.Frames(1),
            Output = SequenceFormat.Frames(1),
            Architecture = new() { Cell = CellKind.Gru, HiddenSize = 24 },
        };
        SequenceExample Wave(double frequency) => new(FrameSequence.Vector((float)frequency), new FrameSequence([.. Enumerable.Range(0, steps).Select(t => (float)Math.Sin(frequency * (t + 1)))], 1));
        SequenceExample[] known = [.. Enumerable.Range(0, 25).Select(i => Wave(0.2 + 0.02 * i))], between = [.. Enumerable.Range(0, 24).Select(i => Wave(0.21 + 0.02 * i))];
        using var outcome = Train(task, known, between, epochs: 200, batch: 8, rate: 0.01);
        foreach (var example in between)
        {
            var drawn = outcome.Model.GenerateFrames(example.Input, steps);
            double error = Math.Sqrt(drawn.Values.ToArray().Zip(((FrameSequence)example.Target).Values.ToArray(), (u, y) => (double)(u - y) * (u - y)).Average());
            Assert.True(error < 0.15, $"The wave of frequency {((FrameSequence)example.Input)[0][0]} is off by {error}.");
        }
    }

    [Fact]
    public void One_to_many_spells_the_names_of_classes()
    {
        string[] names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
        var task = new SequenceTask
        {
            Shape = TaskShape.OneToMany,
            Input = SequenceFormat.Tokens(names.Length),
            Output = SequenceFormat.Tokens(26),
            Architecture = new() { HiddenSize = 32, EmbeddingSize = 12 },
        };
        SequenceExample[] examples = [.. names.Select((name, i) => new SequenceExample(new TokenSequence(i), new TokenSequence([.. name.Select(letter => letter - 'a')])))];
        using var outcome = Train(task, examples, examples, epochs: 120, batch: 5, rate: 0.02);
        for (int i = 0; i < names.Length; i++)
        {
            var spelled = outcome.Model.GenerateTokens(new TokenSequence(i), new SamplingSettings { Temperature = 0, MaxTokens = 10 })[0];
            Assert.True(spelled.Ended);
            Assert.Equal(names[i], string.Concat(spelled.Tokens.Tokens.ToArray().Select(token => (char)('a' + token))));
        }
    }

    [Fact]
    public void Many_to_one_remembers_how_a_sequence_began()
    {
        var task = new SequenceTask
        {
            Shape = TaskShape.ManyToOne,
            Input = SequenceFormat.Tokens(4),
            Output = SequenceFormat.Tokens(4),
            Architecture = new() { HiddenSize = 16, EmbeddingSize = 8, Pooling = PoolingKind.Last },
        };
        var examples = Strings(300, 4, longest: 9, text => new TokenSequence(text[0]));
        using var outcome = Train(task, examples[..240], examples[240..], epochs: 30, batch: 16, rate: 0.02);
        Assert.Equal(1, outcome.Metrics["accuracy"]);
    }

    [Fact]
    public void Many_to_one_adds_up_frames_and_tells_which_tokens_it_saw()
    {
        var random = new Random(3);
        var sums = Enumerable.Range(0, 300).Select(_ => Enumerable.Range(0, 1 + random.Next(8)).Select(_ => 100 + 50 * random.NextSingle()).ToArray())
            .Select(values => new SequenceExample(new FrameSequence(values, 1), FrameSequence.Vector(values.Sum()))).ToArray();
        var sum = new SequenceTask
        {
            Shape = TaskShape.ManyToOne,
            Input = SequenceFormat.Frames(1),
            Output = SequenceFormat.Frames(1),
            Loss = TaskLoss.SmoothL1,
            Architecture = new() { HiddenSize = 16, Pooling = PoolingKind.Last },
        };
        using var outcome = Train(sum, sums[..240], sums[240..], epochs: 60, batch: 16, rate: 0.01);
        Assert.True(outcome.Metrics["meanAbsoluteError"] < 20, $"Sums of up to 1200 are off by {outcome.Metrics["meanAbsoluteError"]}.");

        var seen = new SequenceTask
        {
            Shape = TaskShape.ManyToOne,
            Input = SequenceFormat.Tokens(5),
            Output = SequenceFormat.Frames(3),
            Loss = TaskLoss.BinaryCrossEntropy,
            Architecture = new() { HiddenSize = 16, EmbeddingSize = 8, Pooling = PoolingKind.Max },
        };
        var strings = Strings(300, 5, longest: 6, text => FrameSequence.Vector([.. Enumerable.Range(0, 3).Select(token => text.Contains(token) ? 1f : 0)]));
        using var labels = Train(seen, strings[..240], strings[240..], epochs: 25, batch: 16, rate: 0.02);
        Assert.True(labels.Metrics["accuracy"] > 0.99, $"The accuracy is {labels.Metrics["accuracy"]}.");
        Assert.True(labels.Metrics["microF1"] > 0.99, $"F1 is {labels.Metrics["microF1"]}.");
    }

    [Fact]
    public void Many_to_many_of_equal_length_echoes_after_a_delay()
    {
        var task = new SequenceTask { Shape = TaskShape.ManyToManyEqual, Input = SequenceFormat.Tokens(4), Output = SequenceFormat.Tokens(4), Architecture = new() { HiddenSize = 32, EmbeddingSize = 8 } };
        var examples = Strings(300, 4, longest: 12, text => new TokenSequence([.. text.Select((_, step) => step < 2 ? -1 : text[step - 2])]), shortest: 3);
        using var outcome = Train(task, examples[..240], examples[240..], epochs: 25, batch: 16, rate: 0.02);
        Assert.True(outcome.Metrics["accuracy"] > 0.99, $"The accuracy is {outcome.Metrics["accuracy"]}.");
    }

    [Fact]
    public void Many_to_many_turns_strings_round()
    {
        var task = new SequenceTask { Shape = TaskShape.ManyToMany, Input = SequenceFormat.Tokens(4), Output = SequenceFormat.Tokens(4), Architecture = new() { HiddenSize = 48, EmbeddingSize = 8 } };
        var examples = Strings(900, 4, longest: 5, text => new TokenSequence([.. text.Reverse()]));
        SequenceExample[] training = examples[..800], unseen = [.. examples[800..].Where(example => !training.Any(known => Same(known.Input, example.Input)))];
        using var outcome = Train(task, training, unseen, epochs: 30, batch: 16, rate: 0.01);
        int right = unseen.Count(example =>
            outcome.Model.GenerateTokens(example.Input, new SamplingSettings { Temperature = 0, MaxTokens = 10 })[0] is { Ended: true } written && Same(written.Tokens, example.Target));
        Assert.True(unseen.Length >= 30 && right >= 0.95 * unseen.Length, $"{right} of {unseen.Length} unseen strings are turned round.");
    }

    private static bool Same(SequenceData left, SequenceData right) => ((TokenSequence)left).Tokens.SequenceEqual(((TokenSequence)right).Tokens);

    private static SequenceExample[] Strings(int count, int tokens, int longest, Func<int[], SequenceData> target, int shortest = 1)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            int[] text = [.. Enumerable.Range(0, random.Next(shortest, longest + 1)).Select(_ => random.Next(tokens))];
            return new SequenceExample(new TokenSequence(text), target(text));
        })];
    }

    private static SequenceTaskOutcome Train(SequenceTask task, SequenceExample[] training, SequenceExample[] validation, int epochs, int batch, double rate) =>
        SequenceTaskTrainer.Train(task, new TrainingSettings { Epochs = epochs, BatchSize = batch, LearningRate = rate, EarlyStoppingPatience = epochs, Seed = 1 }, training, validation);
}
