using SequenceModels.Tasks;

namespace SequenceModels.Tests.Textbook;

/// <summary>The float recurrent layers of every cell against the textbook at many shapes: around the sixteen lanes, three layers, two directions, unsorted lengths, units shared by threads.</summary>
public sealed class RecurrentLayerAgainstTextbookTests
{
    [Theory]
    [InlineData(1, 1, 1, 1, 1, false, false)]
    [InlineData(3, 2, 1, 1, 2, false, false)]
    [InlineData(6, 5, 7, 15, 1, true, false)]
    [InlineData(6, 5, 7, 16, 2, true, true)]
    [InlineData(5, 13, 17, 17, 1, false, true)]
    [InlineData(9, 4, 3, 33, 3, false, true)]
    [InlineData(7, 6, 4, 9, 3, true, true)]
    [InlineData(6, 1, 5, 64, 2, false, false)]
    [InlineData(20, 27, 16, 48, 2, true, true)]
    public void Outputs_states_and_gradients_agree(int time, int batch, int inputs, int hidden, int layers, bool bidirectional, bool ragged)
    {
        foreach (var kind in Enum.GetValues<CellKind>())
            new TextbookComparison(kind, time, batch, inputs, hidden, layers, bidirectional, ragged, time + 31 * hidden).AssertAgreement();
    }
}
