using SequenceModels.Tasks;

namespace SequenceModels.Tests.Training.LongLags;

/// <summary>
/// Ten symbols kept over a hundred blanks. From the start on all blanks, guessing is a plateau that an LSTM leaves only after many thousands of steps; here the blanks grow from 1 as soon as they are
/// mastered (a curriculum, Bengio et al. 2009). Figures and times: docs/training.md.
/// </summary>
[Trait("Category", "Slow")]
public sealed class CopyMemoryTests
{
    private const int Blanks = 100;
    private const int Batch = 32;
    private const int Hidden = 128;
    private const int MostSteps = 6000;
    private const double Rate = 0.01;

    [Fact]
    public void An_LSTM_copies_ten_symbols_after_a_hundred_blanks()
    {
        using var network = new LongLagNetwork(CellKind.Lstm, CopyMemory.Inputs, Hidden, CopyMemory.Symbols, memoryBias: 1);
        using var held = new CopyMemory(Blanks, 500);
        held.Draw(uint.MaxValue);
        Assert.InRange(network.Symbols(held.Values, held.Targets, held.Time, 500, rate: 0), 0.05, 0.2); // a guess

        uint step = 0;
        for (int blanks = 1; blanks < Blanks; blanks = Math.Min(Blanks, Math.Max(blanks + 2, blanks * 5 / 4)))
            Master(network, blanks, ref step);
        Polish(network, ref step);

        double accuracy = network.Symbols(held.Values, held.Targets, held.Time, 500, rate: 0);
        Assert.True(accuracy > 0.99, $"{accuracy} after {step} steps.");
    }

    /// <summary>Learns until nine of ten answers are right, by a mean over about ten steps.</summary>
    private static void Master(LongLagNetwork network, int blanks, ref uint step)
    {
        using var problem = new CopyMemory(blanks, Batch);
        double mean = 0;
        for (int steps = 0; mean < 0.9 || steps <= 10; steps++)
        {
            Assert.True(step < MostSteps, $"{blanks} blanks are not mastered after {step} steps: {mean}.");
            problem.Draw(step++);
            mean = 0.9 * mean + 0.1 * network.Symbols(problem.Values, problem.Targets, problem.Time, Batch, Rate);
        }
    }

    /// <summary>All blanks, at a falling rate.</summary>
    private static void Polish(LongLagNetwork network, ref uint step)
    {
        const int steps = 1500;
        using var problem = new CopyMemory(Blanks, Batch);
        for (int i = 0; i < steps; i++)
        {
            problem.Draw(step++);
            network.Symbols(problem.Values, problem.Targets, problem.Time, Batch, Math.Max(Rate / 20, Rate * Math.Pow(0.998, i)));
        }
    }
}
