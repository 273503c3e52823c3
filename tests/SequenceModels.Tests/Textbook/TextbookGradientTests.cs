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
            foreach (string cell in new[] { "lstm", "rnn", "relu", "gru", "gruResetBefore", "peephole", "normalProducts", "normalCell", "normalGates", "variational" })
            {
                data.Add(cell, 1, 1);
                data.Add(cell, 2, 2);
                data.Add(cell, 3, 1);
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
            Assert.Equal(parameters.Further.Keys.Order(), got.Further.Keys.Order());
            Assert.All(parameters.Further, p => CentralDifferences.AssertGradient(Loss, p.Value, got.Further[p.Key], $"{p.Key} of cell {index}"));
            CentralDifferences.AssertGradient(Loss, initial[index].H, gradients[index].Initial.H, $"h0 of cell {index}");
            if (initial[index].C is { } c)
                CentralDifferences.AssertGradient(Loss, c, gradients[index].Initial.C!, $"c0 of cell {index}");
        }

        for (int t = 0; t < steps; t++)
            CentralDifferences.AssertGradient(Loss, x[t], dx[t], $"x at step {t}");
    }

    [Theory]
    [InlineData("lstm", false)]
    [InlineData("lstm", true)]
    [InlineData("gru", false)]
    public void Gradients_with_zoneout_agree_with_central_differences(string kind, bool reverse)
    {
        const int inputs = 3, states = 4, batch = 3, steps = 5;
        int[] lengths = [3, 5, 1];
        var random = new Random(21);
        Matrix<double>[] x = [.. Enumerable.Range(0, steps).Select(_ => Normal(random, inputs, batch))];
        var cell = Cell(kind, Parameters(random, kind, inputs, states));
        var initial = State(random, cell, states, batch);
        var dFinal = State(random, cell, states, batch);
        Matrix<double>[] dOutputs = [.. x.Select(_ => Normal(random, states, batch))];
        Matrix<double> Part() => Matrix<double>.Build.Dense(states, batch, (_, _) => random.Next(3) / 2.0); // taken, kept, and half of each as after training
        CellState[] kept = [.. x.Select(_ => new CellState(Part(), cell.HasCellState ? Part() : null))];
        double Loss()
        {
            var run = new TextbookSequence(cell, x, initial, lengths, reverse, kept);
            return run.Outputs.Zip(dOutputs, Product).Sum() + Product(run.Final.H, dFinal.H) + (run.Final.C is null ? 0 : Product(run.Final.C, dFinal.C!));
        }

        var gradients = new TextbookSequence(cell, x, initial, lengths, reverse, kept).Backward(dOutputs, dFinal);

        CentralDifferences.AssertGradient(Loss, cell.Parameters.WeightIh, gradients.Parameters.WeightIh, "weight_ih");
        CentralDifferences.AssertGradient(Loss, cell.Parameters.WeightHh, gradients.Parameters.WeightHh, "weight_hh");
        CentralDifferences.AssertGradient(Loss, cell.Parameters.BiasHh, gradients.Parameters.BiasHh, "bias_hh");
        CentralDifferences.AssertGradient(Loss, initial.H, gradients.Initial.H, "h0");
        if (initial.C is { } c)
            CentralDifferences.AssertGradient(Loss, c, gradients.Initial.C!, "c0");
        for (int t = 0; t < steps; t++)
            CentralDifferences.AssertGradient(Loss, x[t], gradients.X[t], $"x at step {t}");
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

    [Theory]
    [InlineData("fc.weight", 3)]
    [InlineData("proj.weight", 3)]
    [InlineData(null, 4)]
    public void Every_gradient_of_a_language_model_of_two_layers_agrees_with_central_differences(string? between, int embedding)
    {
        const int vocabulary = 5, states = 4;
        var random = new Random(9);
        var parameters = new Dictionary<string, Matrix<double>>
        {
            ["embedding.weight"] = Normal(random, vocabulary, embedding),
            ["fc.bias"] = Normal(random, vocabulary, 1),
        };
        if (between is not null)
            parameters[between] = Normal(random, between == "fc.weight" ? vocabulary : embedding, states);
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
        "peephole" => new TextbookPeepholeLstm(parameters),
        "normalProducts" => new TextbookLayerNormLstm(parameters, LayerNormPlacement.ProductsAndOutput),
        "normalCell" => new TextbookLayerNormLstm(parameters, LayerNormPlacement.ProductsAndCell),
        "normalGates" => new TextbookLayerNormLstm(parameters, LayerNormPlacement.GatesAndOutput),
        "variational" => new TextbookVariationalDropout(new TextbookLstm(parameters), Matrix<double>.Build.Dense(parameters.HiddenSize, 3, (j, b) => (j + b) % 3 == 0 ? 0 : 1.5)),
        _ => new TextbookGruResetBefore(parameters),
    };

    private static CellParameters Parameters(Random random, string kind, int inputs, int states)
    {
        int rows = states * (kind is "rnn" or "relu" ? 1 : kind.StartsWith("gru", StringComparison.Ordinal) ? 3 : 4);
        (string Name, int Length)[] further = kind switch
        {
            "peephole" => [("p_i", states), ("p_f", states), ("p_o", states)],
            "normalProducts" or "normalCell" => [("ln_ih_gamma", rows), ("ln_ih_beta", rows), ("ln_hh_gamma", rows), ("ln_hh_beta", rows), ("ln_c_gamma", states), ("ln_c_beta", states)],
            "normalGates" => [("ln_gates_gamma", rows), ("ln_gates_beta", rows), ("ln_c_gamma", states), ("ln_c_beta", states)],
            _ => [],
        };
        return new(0.6 * Normal(random, rows, inputs), 0.6 * Normal(random, rows, states), 0.6 * Normal(random, rows, 1), 0.6 * Normal(random, rows, 1))
        {
            Further = further.ToDictionary(f => f.Name, f => 0.6 * Normal(random, f.Length, 1)),
        };
    }

    private static CellState State(Random random, TextbookCell cell, int states, int batch) =>
        new(Normal(random, states, batch), cell.HasCellState ? Normal(random, states, batch) : null);

    private static Matrix<double> Normal(Random random, int rows, int columns) => Matrix<double>.Build.Dense(
        rows, columns, (_, _) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));

    private static double Product(Matrix<double> a, Matrix<double> b) => a.Hadamard(b).Enumerate().Sum();
}
