using SequenceModels.Tests.Fixtures;

namespace SequenceModels.Tests.Golden;

/// <summary>Sequences of unequal length through the float LSTM layers against golden numbers in single precision.</summary>
public sealed class PackedLstmGoldenTests
{
    public static TheoryData<string> Sequences => GoldenFixtures.Keys("seq_packed", c => c.Setting("kind") == "lstm");

    [Theory, MemberData(nameof(Sequences))]
    public void Outputs_states_and_gradients_are_the_golden_ones(string key) => LstmSequenceCase.Assert(GoldenFixtures.Case(key));
}
