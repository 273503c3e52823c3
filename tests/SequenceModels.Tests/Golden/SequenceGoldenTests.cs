using SequenceModels.Tests.Fixtures;

namespace SequenceModels.Tests.Golden;

/// <summary>Whole sequences through the float recurrent layers against golden numbers in single precision.</summary>
public sealed class SequenceGoldenTests
{
    public static TheoryData<string> Sequences => new(new[] { "seq_lstm", "seq_gru", "seq_rnn" }.SelectMany(kind => GoldenFixtures.List(kind)));

    [Theory, MemberData(nameof(Sequences))]
    public void Outputs_states_and_gradients_are_the_golden_ones(string key) => RecurrentSequenceCase.Assert(GoldenFixtures.Case(key));
}
