using SequenceModels.Tests.Fixtures;

namespace SequenceModels.Tests.Golden;

/// <summary>Sequences of unequal length through the float recurrent layers against golden numbers in single precision.</summary>
public sealed class PackedSequenceGoldenTests
{
    public static TheoryData<string> Sequences => GoldenFixtures.Keys("seq_packed");

    [Theory, MemberData(nameof(Sequences))]
    public void Outputs_states_and_gradients_are_the_golden_ones(string key) => RecurrentSequenceCase.Assert(GoldenFixtures.Case(key));
}
