using System.Security.Cryptography;
using SequenceModels.Kernels;
using SequenceModels.Sampling;
using SequenceModels.Shapes;
using SequenceModels.Training;

namespace SequenceModels.Tests.Shapes;

/// <summary>A step, a whole training and what a model says have the same bits on any number of threads and at any vector width.</summary>
public sealed class ShapeExactnessTests
{
    private static readonly (int Threads, SimdWidth? Width)[] s_ways =
        [(1, null), (2, null), (4, null), (1, SimdWidth.Vector512), (2, SimdWidth.Vector256), (3, SimdWidth.Vector128), (1, SimdWidth.Scalar)];

    public static TheoryData<string> Cases => ShapeCases.Names;

    [Theory, MemberData(nameof(Cases))]
    public void A_step_s_loss_and_gradients_are_the_same_bits(string name)
    {
        foreach (int hidden in new[] { 17, 32 })
        {
            var task = ShapeCases.All[name];
            task = task with { Architecture = task.Architecture with { HiddenSize = hidden, EmbeddingSize = 13 } };
            float[][] runs = [.. s_ways.Where(way => way.Width != SimdWidth.Scalar || hidden == 17).Select(way => Step(task, way.Threads, way.Width))];
            Assert.All(runs, run => Assert.Equal(runs[0], run));
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void So_are_the_weights_of_a_training_and_what_the_model_says(string name)
    {
        var task = ShapeCases.All[name];
        string[] runs = [.. new (int, SimdWidth?)[] { (1, null), (4, null), (2, SimdWidth.Vector128) }.Select(way => Training(task, way.Item1, way.Item2))];
        Assert.All(runs, run => Assert.Equal(runs[0], run));
    }

    private static float[] Step(SequenceTask task, int threads, SimdWidth? width)
    {
        using var step = new ShapeStep(task, threads, width);
        float loss = (float)step.Run();
        float[] gradients = [.. step.Parameters.Parameters.SelectMany(parameter => parameter.Gradients.ToArray())];
        return [loss, .. gradients, (float)step.Measure()];
    }

    private static string Training(SequenceTask task, int threads, SimdWidth? width)
    {
        var settings = new TrainingSettings { Epochs = 2, BatchSize = 3, GradientAccumulation = 2, LearningRate = 0.01, Seed = 3 };
        var kernels = width is null ? KernelSet.Best : KernelSet.For(width.Value);
        var validation = ShapeCases.Examples(task, 5, seed: 2);
        using var outcome = new SequenceTaskTrainer(threads, kernels).Train(task, settings, ShapeCases.Examples(task, 14), validation, new TrainingControl(), null, default)!;
        using var bytes = new MemoryStream();
        outcome.Model.WriteWeights(bytes);
        outcome.Model.WriteSettings(bytes);
        float[] said = [.. validation.Take(3).SelectMany(example => Say(outcome.Model, example.Input))];
        return $"{Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray()))} {string.Join(' ', said.Select(value => BitConverter.SingleToInt32Bits(value)))}";
    }

    private static IEnumerable<float> Say(SequenceTaskModel model, SequenceData input)
    {
        if (!model.Task.Generates)
            return model.Predict([input])[0].Values.ToArray();
        if (model.Task.Output.Kind == StepKind.Frames)
            return model.GenerateFrames(input, 6).Values.ToArray();
        return model.GenerateTokens(input, new SamplingSettings { MaxTokens = 9, Seed = 5, Choices = 2 }).SelectMany(generated => generated.Tokens.Tokens.ToArray().Select(token => (float)token).Append((float)generated.LogProbability));
    }
}
