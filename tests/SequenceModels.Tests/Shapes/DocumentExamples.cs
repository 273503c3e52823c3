using SequenceModels.Sampling;
using SequenceModels.Shapes;
using SequenceModels.Tasks;
using SequenceModels.Training;

namespace SequenceModels.Tests.Shapes;

/// <summary>The programs of docs/shapes.md, word for word, and what they promise.</summary>
public sealed class DocumentExamples
{
    [Fact]
    public void OneToOne()
    {
        // one to one
        var task = new SequenceTask
        {
            Shape = TaskShape.OneToOne,
            Input = SequenceFormat.Frames(2),  // a vector of two numbers
            Output = SequenceFormat.Tokens(2), // one of two labels
            Architecture = new() { HiddenSize = 8 },
        };
        SequenceExample[] xor =
        [
            new(FrameSequence.Vector(0, 0), new TokenSequence(0)),
            new(FrameSequence.Vector(0, 1), new TokenSequence(1)),
            new(FrameSequence.Vector(1, 0), new TokenSequence(1)),
            new(FrameSequence.Vector(1, 1), new TokenSequence(0)),
        ];
        var settings = new TrainingSettings { Epochs = 200, EarlyStoppingPatience = 200, LearningRate = 0.05, Seed = 1 };
        using var outcome = SequenceTaskTrainer.Train(task, settings, xor, xor);

        FrameSequence probabilities = outcome.Model.Predict([FrameSequence.Vector(1, 0)])[0];
        int label = probabilities.MostProbable()[0]; // 1
        // end
        Assert.Equal(1, label);
        Assert.True(probabilities[0][1] > 0.9);
    }

    [Fact]
    public void OneToMany()
    {
        // one to many
        var task = new SequenceTask
        {
            Shape = TaskShape.OneToMany,
            Input = SequenceFormat.Frames(1),  // a frequency
            Output = SequenceFormat.Frames(1), // a wave, sample by sample
            Architecture = new() { Cell = CellKind.Gru, HiddenSize = 24 },
        };
        static SequenceExample Wave(float frequency)
        {
            float[] samples = [.. Enumerable.Range(1, 24).Select(t => MathF.Sin(frequency * t))];
            return new SequenceExample(FrameSequence.Vector(frequency), new FrameSequence(samples, features: 1));
        }

        SequenceExample[] training = [.. Enumerable.Range(0, 25).Select(i => Wave(0.2f + 0.02f * i))];
        SequenceExample[] validation = [.. Enumerable.Range(0, 24).Select(i => Wave(0.21f + 0.02f * i))];
        var settings = new TrainingSettings { Epochs = 200, EarlyStoppingPatience = 200, BatchSize = 8, LearningRate = 0.01, Seed = 1 };
        using var outcome = SequenceTaskTrainer.Train(task, settings, training, validation);

        FrameSequence drawn = outcome.Model.GenerateFrames(FrameSequence.Vector(0.45f), steps: 24);
        // end
        Assert.Equal(24, drawn.Length);
        Assert.All(Enumerable.Range(0, 24), t => Assert.Equal(MathF.Sin(0.45f * (t + 1)), drawn[t][0], 0.3f));
    }

    [Fact]
    public void ManyToOne()
    {
        // many to one
        var task = new SequenceTask
        {
            Shape = TaskShape.ManyToOne,
            Input = SequenceFormat.Frames(2),
            Output = SequenceFormat.Frames(1), // one number: which loss is a choice
            Loss = TaskLoss.SmoothL1,
            Architecture = new() { HiddenSize = 16, Pooling = PoolingKind.Last },
        };
        var random = new Random(1);
        SequenceExample[] examples = [.. Enumerable.Range(0, 300).Select(_ =>
        {
            float[] frames = [.. Enumerable.Range(0, 2 * (1 + random.Next(8))).Select(_ => 10 * random.NextSingle())];
            float area = Enumerable.Range(0, frames.Length / 2).Sum(t => frames[2 * t] * frames[2 * t + 1]); // widths and heights
            return new SequenceExample(new FrameSequence(frames, features: 2), FrameSequence.Vector(area));
        })];
        var settings = new TrainingSettings { Epochs = 80, EarlyStoppingPatience = 80, LearningRate = 0.01, Seed = 1 };
        using var outcome = SequenceTaskTrainer.Train(task, settings, examples[..240], examples[240..]);

        float area = outcome.Model.Predict([new FrameSequence([2, 3, 5, 6], features: 2)])[0][0][0]; // about 2 x 3 + 5 x 6
        double error = outcome.Metrics["rootMeanSquaredError"];                                      // in the same units
        // end
        Assert.Equal(36, area, 20f);
        Assert.True(error < 20, $"The error is {error}.");
    }

    [Fact]
    public void ManyToManyEqual()
    {
        // many to many of equal length
        var task = new SequenceTask
        {
            Shape = TaskShape.ManyToManyEqual,
            Input = SequenceFormat.Tokens(4),
            Output = SequenceFormat.Tokens(4),
            Architecture = new() { HiddenSize = 32, EmbeddingSize = 8 },
        };
        var random = new Random(1);
        SequenceExample[] examples = [.. Enumerable.Range(0, 300).Select(_ =>
        {
            int[] heard = [.. Enumerable.Range(0, random.Next(3, 12)).Select(_ => random.Next(4))];
            int[] echo = [-1, -1, .. heard[..^2]]; // two steps late; at a step of -1 nothing is asked
            return new SequenceExample(new TokenSequence(heard), new TokenSequence(echo));
        })];
        var settings = new TrainingSettings { Epochs = 30, EarlyStoppingPatience = 30, BatchSize = 16, LearningRate = 0.02, Seed = 1 };
        using var outcome = SequenceTaskTrainer.Train(task, settings, examples[..240], examples[240..]);

        TokenSequence said = outcome.Model.Predict([new TokenSequence(3, 0, 2, 1, 1)])[0].MostProbable(); // ?, ?, 3, 0, 2
        // end
        Assert.Equal([3, 0, 2], said.Tokens[2..].ToArray());
    }

    [Fact]
    public void ManyToMany()
    {
        // many to many of different lengths
        var task = new SequenceTask
        {
            Shape = TaskShape.ManyToMany,
            Input = SequenceFormat.Tokens(4),
            Output = SequenceFormat.Tokens(4), // and an end, which the model adds
            Architecture = new() { HiddenSize = 48, EmbeddingSize = 8 },
        };
        var random = new Random(1);
        SequenceExample[] examples = [.. Enumerable.Range(0, 900).Select(_ =>
        {
            int[] word = [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => random.Next(4))];
            return new SequenceExample(new TokenSequence(word), new TokenSequence([.. word.Reverse()]));
        })];
        var settings = new TrainingSettings { Epochs = 30, EarlyStoppingPatience = 30, BatchSize = 16, LearningRate = 0.01, Seed = 1 };
        using var outcome = SequenceTaskTrainer.Train(task, settings, examples[..800], examples[800..]);

        var greedy = new SamplingSettings { Temperature = 0, MaxTokens = 20 };
        TokenSequence written = outcome.Model.GenerateTokens(new TokenSequence(0, 1, 1, 3), greedy)[0].Tokens; // 3, 1, 1, 0
        // end
        Assert.Equal([3, 1, 1, 0], written.Tokens.ToArray());
    }

    [Fact]
    public void Files()
    {
        var task = new SequenceTask { Shape = TaskShape.OneToOne, Input = SequenceFormat.Frames(1), Output = SequenceFormat.Tokens(2), Architecture = new() { HiddenSize = 2 } };
        SequenceExample[] examples = [new(FrameSequence.Vector(0), new TokenSequence(0)), new(FrameSequence.Vector(1), new TokenSequence(1))];
        using var outcome = SequenceTaskTrainer.Train(task, new() { Epochs = 1 }, examples, examples);
        var model = outcome.Model;
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            // files
            using (var settings = File.Create(Path.Combine(folder, "task.json")))
                model.WriteSettings(settings);
            using (var weights = File.Create(Path.Combine(folder, "weights.safetensors")))
                model.WriteWeights(weights);

            using var settingsAgain = File.OpenRead(Path.Combine(folder, "task.json"));
            using var weightsAgain = File.OpenRead(Path.Combine(folder, "weights.safetensors"));
            using var loaded = SequenceTaskModel.Load(settingsAgain, weightsAgain);
            // end
            Assert.Equal(model.Predict([examples[0].Input])[0].Values.ToArray(), loaded.Predict([examples[0].Input])[0].Values.ToArray());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
