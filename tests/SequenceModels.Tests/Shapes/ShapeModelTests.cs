using SequenceModels.Layers;
using SequenceModels.Randomness;
using SequenceModels.Sampling;
using SequenceModels.Shapes;

namespace SequenceModels.Tests.Shapes;

/// <summary>What models of the shapes say, beside their training.</summary>
public sealed class ShapeModelTests
{
    public static TheoryData<string> Predicting => [.. ShapeCases.All.Where(entry => !entry.Value.Generates).Select(entry => entry.Key)];

    public static TheoryData<string> Generating => [.. ShapeCases.All.Where(entry => entry.Value.Generates).Select(entry => entry.Key)];

    [Theory, MemberData(nameof(Predicting))]
    public void An_input_s_result_does_not_depend_on_those_beside_it(string name)
    {
        var task = ShapeCases.All[name];
        using var model = Model(task);
        SequenceData[] inputs = [.. ShapeCases.Examples(task, 90).Select(example => example.Input)]; // more than a batch
        var together = model.Predict(inputs);
        for (int i = 0; i < inputs.Length; i++)
        {
            Assert.Equal(task.WritesOne ? 1 : inputs[i].Length, together[i].Length);
            Assert.Equal(model.Predict([inputs[i]])[0].Values.ToArray(), together[i].Values.ToArray());
        }
    }

    [Theory, MemberData(nameof(Predicting))]
    public void Predictions_are_probabilities_or_numbers_and_agree_with_the_measures(string name)
    {
        var task = ShapeCases.All[name];
        using var model = Model(task);
        var examples = ShapeCases.Examples(task, 40);
        var metrics = model.Evaluate(examples);
        var predictions = model.Predict([.. examples.Select(example => example.Input)]);
        double loss = 0, count = 0;
        for (int i = 0; i < examples.Count; i++)
        {
            for (int step = 0; step < predictions[i].Length; step++)
                loss += Loss(model, predictions[i][step], examples[i].Target, step, ref count);
        }

        Assert.Equal(metrics["targets"], count);
        Assert.Equal(metrics["validationLoss"], loss / count, 1e-4 * (1 + loss / count));
    }

    // What a decoder writes by itself, step by step, is what it gives the targets when it reads them all at once.
    [Theory, MemberData(nameof(Generating))]
    public void Writing_step_by_step_is_reading_the_written_at_once(string name)
    {
        var task = ShapeCases.All[name];
        using var model = Model(task);
        foreach (var example in ShapeCases.Examples(task, 3))
        {
            if (task.Output.Kind == StepKind.Frames)
            {
                var metrics = model.Evaluate([new(example.Input, model.GenerateFrames(example.Input, 8))]);
                Assert.True(metrics["rootMeanSquaredError"] < 1e-5, $"The error is {metrics["rootMeanSquaredError"]}.");
                continue;
            }

            foreach (var generated in model.GenerateTokens(example.Input, new SamplingSettings { MaxTokens = 200, Seed = 2, Choices = 3 }))
            {
                Assert.True(generated.Ended);
                var metrics = model.Evaluate([new(example.Input, generated.Tokens)]);
                Assert.Equal(generated.Tokens.Length + 1, metrics["targets"]);
                Assert.Equal(-generated.LogProbability, metrics["validationLoss"] * metrics["targets"], 1e-4 * (1 - generated.LogProbability));
            }
        }
    }

    [Fact]
    public void Sequences_are_cut_off_at_their_greatest_length()
    {
        var task = ShapeCases.All["encoder and decoder, tokens to tokens"];
        using var model = Model(task);
        model.Parameters["fc.bias"].Values[^1] = -1000; // no end
        using var endless = Reload(model);
        var generated = Assert.Single(endless.GenerateTokens(new TokenSequence(1, 2), new SamplingSettings { MaxTokens = 7, Temperature = 0 }));
        Assert.False(generated.Ended);
        Assert.Equal(7, generated.Tokens.Length);
        Assert.All(generated.Tokens.Tokens.ToArray(), token => Assert.InRange(token, 0, 4));
    }

    [Fact]
    public void Concurrent_callers_get_what_each_gets_alone()
    {
        var task = ShapeCases.All["many to one, label of frames"];
        using var model = Model(task);
        SequenceData[] inputs = [.. ShapeCases.Examples(task, 30).Select(example => example.Input)];
        float[][] alone = [.. model.Predict(inputs).Select(result => result.Values.ToArray())];
        Parallel.For(0, 16, _ => Assert.Equal(alone, model.Predict(inputs).Select(result => result.Values.ToArray())));
    }

    [Fact]
    public void A_model_does_only_what_its_task_is()
    {
        using var label = Model(ShapeCases.All["many to one, label of frames"]);
        using var tokens = Model(ShapeCases.All["one to many, tokens of a class"]);
        using var frames = Model(ShapeCases.All["one to many, frames of a class"]);
        Assert.Throws<InvalidOperationException>(() => label.GenerateFrames(new FrameSequence([1, 2, 3], 3), 2));
        Assert.Throws<InvalidOperationException>(() => label.GenerateTokens(new FrameSequence([1, 2, 3], 3), new SamplingSettings()));
        Assert.Throws<InvalidOperationException>(() => tokens.Predict([new TokenSequence(1)]));
        Assert.Throws<InvalidOperationException>(() => tokens.GenerateFrames(new TokenSequence(1), 2));
        Assert.Throws<InvalidOperationException>(() => frames.GenerateTokens(new TokenSequence(1), new SamplingSettings()));
        Assert.Throws<ArgumentOutOfRangeException>(() => frames.GenerateFrames(new TokenSequence(1), 0));
        Assert.Throws<ArgumentException>(() => tokens.GenerateTokens(new TokenSequence(1), new SamplingSettings { Stop = ["a"] }));
        Assert.Throws<ArgumentException>(() => label.Predict([new TokenSequence(1)]));
    }

    internal static SequenceTaskModel Model(SequenceTask task)
    {
        var parameters = TaskWeights.CreateParameters(task);
        for (int i = 0; i < parameters.Parameters.Count; i++)
            Initialization.Uniform(parameters.Parameters[i].Values, 0.5, new CounterRandom(1, RandomPurpose.Initialization, 0, (uint)i));
        return new SequenceTaskModel(task, SequenceScaling.Of(task, ShapeCases.Examples(task, 20)), parameters);
    }

    internal static SequenceTaskModel Reload(SequenceTaskModel model)
    {
        using MemoryStream settings = new(), weights = new();
        model.WriteSettings(settings);
        model.WriteWeights(weights);
        (settings.Position, weights.Position) = (0, 0);
        return SequenceTaskModel.Load(settings, weights);
    }

    private static double Loss(SequenceTaskModel model, ReadOnlySpan<float> prediction, SequenceData target, int step, ref double count)
    {
        if (target is TokenSequence tokens)
        {
            Assert.Equal(1, prediction.ToArray().Sum(p => (double)p), 1e-5);
            if (tokens[step] < 0)
                return 0;
            count++;
            return -Math.Log(prediction[tokens[step]]);
        }

        double sum = 0;
        for (int i = 0; i < prediction.Length; i++)
        {
            double y = ((FrameSequence)target)[step][i], u = prediction[i];
            if (double.IsNaN(y))
                continue;
            count++;
            double e = model.Task.ChosenLoss == TaskLoss.BinaryCrossEntropy ? 0 : (u - y) / model.OutputStandardization!.Deviation[i];
            sum += model.Task.ChosenLoss switch
            {
                TaskLoss.BinaryCrossEntropy => -y * Math.Log(u) - (1 - y) * Math.Log(1 - u),
                TaskLoss.SmoothL1 => Math.Abs(e) < 1 ? e * e / 2 : Math.Abs(e) - 0.5,
                _ => e * e,
            };
        }

        return sum;
    }
}
