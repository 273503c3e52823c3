using SequenceModels.Tasks;

namespace SequenceModels.Tests.Training.LongLags;

/// <summary>What gates are for: a sum of two numbers up to 200 steps back. Figures and times: docs/training.md.</summary>
[Trait("Category", "Slow")]
public sealed class AddingProblemTests
{
    private const int Time = 200;
    private const int Batch = 32;
    private const int Hidden = 32;
    private const int Steps = 1200;
    private const double Rate = 0.01;

    [Theory]
    [InlineData(CellKind.Lstm, 4)]
    [InlineData(CellKind.Gru, 3)]
    public void Gated_cells_learn_it(CellKind cell, float memoryBias) => Assert.InRange(Learn(cell, memoryBias), 0, 0.01);

    /// <summary>It does no better than the answer 1, whose error is 1/6.</summary>
    [Fact]
    public void The_vanilla_cell_does_not() => Assert.InRange(Learn(CellKind.Rnn, 0), 0.1, 1);

    /// <summary>The mean squared error on sequences that were not learned from.</summary>
    private static double Learn(CellKind cell, float memoryBias)
    {
        using var network = new LongLagNetwork(cell, inputs: 2, Hidden, outputs: 1, memoryBias);
        using var problem = new AddingProblem(Time, Batch);
        for (uint step = 0; step < Steps; step++)
        {
            problem.Draw(step);
            network.Numbers(problem.Inputs, problem.Targets, Time, Rate);
        }

        using var held = new AddingProblem(Time, 500);
        held.Draw(uint.MaxValue);
        return network.Numbers(held.Inputs, held.Targets, Time, rate: 0);
    }
}
