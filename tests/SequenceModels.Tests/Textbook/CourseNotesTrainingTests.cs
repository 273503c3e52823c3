using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Textbook;

namespace SequenceModels.Tests.Textbook;

/// <summary>
/// What a forgotten recursion costs: a task of remembering the first of eight symbols, four kinds of symbols, chance ln 4 = 1.386. And that a
/// falling loss proves nothing about a gradient.
/// </summary>
public sealed class CourseNotesTrainingTests
{
    private const int Symbols = 4;
    private const int States = 12;
    private const int Steps = 8;
    private const int Batch = 32;

    [Fact]
    public void With_the_recursion_the_first_symbol_is_learned_within_200_steps() =>
        Assert.Contains(Train(Recursion.V1, asPrinted: false, updates: 200), loss => loss < 0.1);

    [Fact]
    public void Without_the_recursion_it_is_not_learned_in_600_steps()
    {
        double[] losses = Train(Recursion.V2, asPrinted: false, updates: 600);

        Assert.DoesNotContain(losses, loss => loss < 0.1);
        Assert.True(losses[^50..].Average() > 0.7, $"The last losses are {losses[^50..].Average()}.");
    }

    [Fact]
    public void With_half_of_the_recursion_it_takes_longer()
    {
        int whole = FirstBelow(Recursion.V1);

        Assert.True(FirstBelow(Recursion.V3) > whole, "dc alone was as fast.");
        Assert.True(FirstBelow(Recursion.V4) > whole, "da alone was as fast.");

        static int FirstBelow(Recursion recursion) => Array.FindIndex(Train(recursion, asPrinted: false, updates: 400), loss => loss < 0.1) is var index and >= 0 ? index : int.MaxValue;
    }

    [Fact]
    public void Gradients_that_are_wrong_by_factors_learn_this_easy_task_all_the_same() =>
        Assert.Contains(Train(Recursion.V1, asPrinted: true, updates: 300), loss => loss < 0.1);

    private static double[] Train(Recursion recursion, bool asPrinted, int updates)
    {
        var random = new Random(5);
        Matrix<double> Normal(int rows, int columns) => Matrix<double>.Build.Dense(
            rows, columns, (_, _) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()) / Math.Sqrt(States));
        var parameters = new Dictionary<string, Matrix<double>>();
        foreach (char gate in CourseNotesLstm.GateLetters)
        {
            parameters[$"W{gate}"] = Normal(States, States + Symbols);
            parameters[$"b{gate}"] = Matrix<double>.Build.Dense(States, 1, gate == 'f' ? 1 : 0);
        }

        parameters["Wy"] = Normal(Symbols, States);
        parameters["by"] = Matrix<double>.Build.Dense(Symbols, 1);
        var adam = new TextbookAdam { LearningRate = 0.01 };
        var zeros = Matrix<double>.Build.Dense(States, Batch);
        var losses = new double[updates];
        for (int update = 0; update < updates; update++)
        {
            int[][] read = [.. Enumerable.Range(0, Steps).Select(_ => Enumerable.Range(0, Batch).Select(_ => random.Next(Symbols)).ToArray())];
            Matrix<double>[] x = [.. read.Select(symbols => Matrix<double>.Build.Dense(Symbols, Batch, (symbol, b) => symbols[b] == symbol ? 1 : 0))];
            var cells = CourseNotesSequence.Forward(parameters, x, zeros, zeros);
            var (loss, dLogits) = new TextbookSoftmaxCrossEntropy().LossAndGradient((parameters["Wy"] * cells[^1].A).PlusColumn(parameters["by"]), read[0]);
            losses[update] = loss;
            Matrix<double>[] da = [.. Enumerable.Repeat(zeros, Steps - 1), parameters["Wy"].Transpose() * dLogits];
            var (gradients, _) = CourseNotesSequence.Backward(cells, da, recursion, asPrinted);
            var byName = parameters.Keys.Where(name => name is not ("Wy" or "by")).ToDictionary(name => name, name => gradients["d" + name]);
            (byName["Wy"], byName["by"]) = (dLogits * cells[^1].A.Transpose(), dLogits.SumOfColumns());
            adam.Step(parameters, byName);
        }

        return losses;
    }
}
