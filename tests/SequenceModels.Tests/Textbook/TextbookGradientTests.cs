using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Textbook;

namespace SequenceModels.Tests.Textbook;

/// <summary>Every backward of the textbook against central differences of its forward.</summary>
public sealed class TextbookGradientTests
{
    public static TheoryData<string, int, int> Cells
    {
        get
        {
            var data = new TheoryData<string, int, int>();
            foreach (string cell in new[] { "lstm", "rnn", "relu", "gru", "gruResetBefore" })
            {
                data.Add(cell, 1, 1);
                data.Add(cell, 2, 2);
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(Cells))]
    public void Gradients_of_a_stack_over_sequences_of_unequal_length_agree_with_central_differences(string kind, int layers, int directions)
    {
        const int inputs = 3, states = 4, batch = 3, steps = 5;
        int[] lengths = [3, 5, 1];
        var random = new Random(20);
        Matrix<double>[] x = [.. Enumerable.Range(0, steps).Select(_ => Normal(random, inputs, batch))];
        TextbookCell[] cells = [.. Enumerable.Range(0, layers * directions).Select(index => Cell(kind, Parameters(random, kind, index < directions ? inputs : directions * states, states)))];
        CellState[] initial = [.. cells.Select(cell => State(random, cell, states, batch))];
        CellState[] dFinal = [.. cells.Select(cell => State(random, cell, states, batch))];
        Matrix<double>[] dOutputs = [.. x.Select(_ => Normal(random, directions * states, batch))];
        double Loss()
        {
            var run = new TextbookLayers(cells, directions, x, initial, lengths);
            return run.Outputs.Zip(dOutputs, Product).Sum()
                + run.Final.Zip(dFinal, (got, weight) => Product(got.H, weight.H) + (got.C is null ? 0 : Product(got.C, weight.C!))).Sum();
        }

        var (gradients, dx) = new TextbookLayers(cells, directions, x, initial, lengths).Backward(dOutputs, dFinal);

        for (int index = 0; index < cells.Length; index++)
        {
            var (parameters, got) = (cells[index].Parameters, gradients[index].Parameters);
            CentralDifferences.AssertGradient(Loss, parameters.WeightIh, got.WeightIh, $"weight_ih of cell {index}");
            CentralDifferences.AssertGradient(Loss, parameters.WeightHh, got.WeightHh, $"weight_hh of cell {index}");
            CentralDifferences.AssertGradient(Loss, parameters.BiasIh, got.BiasIh, $"bias_ih of cell {index}");
            CentralDifferences.AssertGradient(Loss, parameters.BiasHh, got.BiasHh, $"bias_hh of cell {index}");
            CentralDifferences.AssertGradient(Loss, initial[index].H, gradients[index].Initial.H, $"h0 of cell {index}");
            if (initial[index].C is { } c)
                CentralDifferences.AssertGradient(Loss, c, gradients[index].Initial.C!, $"c0 of cell {index}");
        }

        for (int t = 0; t < steps; t++)
            CentralDifferences.AssertGradient(Loss, x[t], dx[t], $"x at step {t}");
    }

    [Theory]
    [InlineData(false, 0.0, null, false)]
    [InlineData(true, 0.0, 2, false)]
    [InlineData(true, 0.2, 2, false)]
    [InlineData(false, 0.1, null, true)]
    public void The_gradient_of_cross_entropy_agrees_with_central_differences(bool weighted, double smoothing, int? ignored, bool sum)
    {
        var logits = Normal(new Random(3), 4, 6);
        int[] labels = [0, 2, 1, 3, 2, 0];
        var loss = new TextbookSoftmaxCrossEntropy { ClassWeights = weighted ? [0.5, 1, 2, 3] : null, LabelSmoothing = smoothing, IgnoredLabel = ignored, Sum = sum };

        CentralDifferences.AssertGradient(() => loss.LossAndGradient(logits, labels).Loss, logits, loss.LossAndGradient(logits, labels).DLogits, "logits");
    }

    [Fact]
    public void Every_gradient_of_a_language_model_of_two_layers_agrees_with_central_differences()
    {
        const int vocabulary = 5, embedding = 3, states = 4;
        var random = new Random(9);
        var parameters = new Dictionary<string, Matrix<double>>
        {
            ["embedding.weight"] = Normal(random, vocabulary, embedding),
            ["fc.weight"] = Normal(random, vocabulary, states),
            ["fc.bias"] = Normal(random, vocabulary, 1),
        };
        Parameters(random, "lstm", embedding, states).PutInto(parameters, "rnn.", 0, reverse: false);
        Parameters(random, "lstm", states, states).PutInto(parameters, "rnn.", 1, reverse: false);
        int[][] tokens = [[0, 1], [2, 4], [2, 0], [3, 3]];
        int[][] targets = [[2, 4], [2, 0], [3, 3], [1, 0]];
        var model = new TextbookLanguageModel(parameters, layers: 2);
        TextbookLanguageModel.Result Run() => model.LossAndGradients(tokens, targets, model.ZeroStates(2), new TextbookSoftmaxCrossEntropy());

        var result = Run();

        Assert.All(parameters, p => CentralDifferences.AssertGradient(() => Run().Loss, p.Value, result.Gradients[p.Key], p.Key));
    }

    private static TextbookCell Cell(string kind, CellParameters parameters) => kind switch
    {
        "lstm" => new TextbookLstm(parameters),
        "rnn" => new TextbookRnn(parameters),
        "relu" => new TextbookRnn(parameters, rectified: true),
        "gru" => new TextbookGru(parameters),
        _ => new TextbookGruResetBefore(parameters),
    };

    private static CellParameters Parameters(Random random, string kind, int inputs, int states)
    {
        int rows = states * (kind == "lstm" ? 4 : kind.StartsWith("gru", StringComparison.Ordinal) ? 3 : 1);
        return new(0.6 * Normal(random, rows, inputs), 0.6 * Normal(random, rows, states), 0.6 * Normal(random, rows, 1), 0.6 * Normal(random, rows, 1));
    }

    private static CellState State(Random random, TextbookCell cell, int states, int batch) =>
        new(Normal(random, states, batch), cell.HasCellState ? Normal(random, states, batch) : null);

    private static Matrix<double> Normal(Random random, int rows, int columns) => Matrix<double>.Build.Dense(
        rows, columns, (_, _) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));

    private static double Product(Matrix<double> a, Matrix<double> b) => a.Hadamard(b).Enumerate().Sum();
}
