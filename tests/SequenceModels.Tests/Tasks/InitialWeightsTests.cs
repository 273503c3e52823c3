using SequenceModels.Layers;
using SequenceModels.Tasks;
using SequenceModels.Tensors;

namespace SequenceModels.Tests.Tasks;

/// <summary>Initial weights of every cell, by the parameters' names.</summary>
public sealed class InitialWeightsTests
{
    private const int Hidden = 24;

    public static TheoryData<CellKind> Cells => [.. Enum.GetValues<CellKind>()];

    [Theory]
    [MemberData(nameof(Cells))]
    public void Gains_are_one_forget_gates_open_and_other_vectors_zero_or_small(CellKind cell)
    {
        using var parameters = new ParameterSet(RecurrentWeights.Shapes(cell, "rnn", 0, 10, Hidden, bidirectional: true));
        Initialization.Network(parameters, cell, Hidden, embeddingDeviation: 1, seed: 5);
        bool forgets = RecurrentCell.Of(cell).Gates == 4;
        foreach (string direction in new[] { "_l0", "_l0_reverse" })
        {
            var forget = new float[Hidden]; // all that is added to the forget gate
            foreach (var parameter in parameters.Parameters.Where(p => p.Name.EndsWith(direction, StringComparison.Ordinal) && p.Shape.Count == 1))
            {
                if (parameter.Name.Contains("_gamma", StringComparison.Ordinal))
                {
                    Assert.All(parameter.Values.ToArray(), value => Assert.Equal(1, value));
                }
                else if (parameter.Name.Contains(".p_", StringComparison.Ordinal))
                {
                    Assert.InRange(parameter.Values.ToArray().Max(Math.Abs), 0.01, 1 / Math.Sqrt(Hidden));
                }
                else
                {
                    for (int j = 0; j < parameter.Length; j++)
                    {
                        bool ofForget = forgets && parameter.Length == 4 * Hidden && j / Hidden == 1;
                        Assert.True(ofForget || parameter.Values[j] == 0, $"{parameter.Name}[{j}] is {parameter.Values[j]}.");
                        if (ofForget)
                            forget[j - Hidden] += parameter.Values[j];
                    }
                }
            }

            Assert.All(forget, value => Assert.Equal(forgets ? 1 : 0, value));
        }
    }
}
