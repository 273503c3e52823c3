using SequenceModels.Tests.Fixtures;

namespace SequenceModels.Tests.Golden;

/// <summary>Whole sequences through the float LSTM layers against golden numbers in single precision.</summary>
public sealed class SequenceLstmGoldenTests
{
    public static TheoryData<string> Sequences => GoldenFixtures.Keys("seq_lstm");

    [Theory, MemberData(nameof(Sequences))]
    public void Outputs_states_and_gradients_are_the_golden_ones(string key) => LstmSequenceCase.Assert(GoldenFixtures.Case(key));
}
