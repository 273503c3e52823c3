using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Layers;
using SequenceModels.Randomness;
using SequenceModels.Shapes;
using SequenceModels.Tensors;
using SequenceModels.Tests.Fixtures;
using SequenceModels.Textbook;

namespace SequenceModels.Tests.Textbook;

/// <summary>Encoder and decoder: the textbook against differences of its loss, the float network against the textbook.</summary>
public sealed unsafe class EncoderDecoderAgainstTextbookTests
{
    private const int Layers = 2;
    private static readonly int[][] s_sources = [[1, 0, 3, 3, 2], [4], [2, 2, 0]];
    private static readonly int[][] s_targets = [[2, 1], [], [0, 3, 3, 1]];

    private static readonly SequenceTask s_task = new()
    {
        Shape = TaskShape.ManyToMany,
        Input = SequenceFormat.Tokens(5),
        Output = SequenceFormat.Tokens(4),
        Architecture = new() { Layers = Layers, HiddenSize = 6, EmbeddingSize = 3 },
    };

    [Fact]
    public void The_textbook_s_gradients_are_those_of_its_loss()
    {
        using var parameters = Parameters();
        var table = Table(parameters);
        var textbook = new TextbookEncoderDecoder(table, Layers);
        var (_, gradients) = textbook.LossAndGradients(s_sources, s_targets);
        foreach (var (name, gradient) in gradients)
            CentralDifferences.AssertGradient(() => textbook.LossAndGradients(s_sources, s_targets).Loss, table[name], gradient, name);
    }

    [Fact]
    public void The_network_gives_the_textbook_s_loss_and_gradients()
    {
        using var parameters = Parameters();
        var (loss, gradients) = new TextbookEncoderDecoder(Table(parameters), Layers).LossAndGradients(s_sources, s_targets);

        SequenceExample[] examples = [.. s_sources.Zip(s_targets, (source, target) => new SequenceExample(new TokenSequence(source), new TokenSequence(target)))];
        using var context = ComputeContext.Create(2);
        using var weights = new TaskWeights(s_task, parameters);
        using var batches = SequenceTrainingTask.Batches(s_task, new SequenceScaling(null, null), examples, examples.Length, null);
        Assert.True(batches.Next());
        weights.Pack(context, backward: true);
        var network = TaskNetwork.Create(s_task, parameters, weights, context);
        Memory.Clear(parameters.Gradients.Pointer, parameters.Gradients.Length);
        double sum = network.Run(batches, default, training: true);

        Assert.Equal(s_targets.Sum(target => target.Length + 1), network.Head.Weight(batches, null));
        Assert.Equal(loss, sum / network.Head.Weight(batches, null), 1e-6);
        foreach (var parameter in parameters.Parameters)
        {
            var want = gradients[parameter.Name];
            Tolerance.Float32.AssertClose(new GoldenTensor(want.ToRowMajorArray(), [want.RowCount, want.ColumnCount]), parameter.Gradients, parameter.Name);
        }
    }

    private static ParameterSet Parameters()
    {
        var parameters = TaskWeights.CreateParameters(s_task);
        for (int i = 0; i < parameters.Parameters.Count; i++)
            Initialization.Uniform(parameters.Parameters[i].Values, 0.7, new CounterRandom(2, RandomPurpose.Initialization, 0, (uint)i));
        return parameters;
    }

    private static Dictionary<string, Matrix<double>> Table(ParameterSet parameters) => parameters.Parameters.ToDictionary(
        parameter => parameter.Name,
        parameter => Matrix<double>.Build.DenseOfRowMajor(parameter.Shape[0], parameter.Shape.Count == 1 ? 1 : parameter.Shape[1], [.. parameter.Values.ToArray().Select(value => (double)value)]));
}
