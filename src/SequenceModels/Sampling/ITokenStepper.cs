namespace SequenceModels.Sampling;

/// <summary>A language model that reads several independent token sequences, one token of each at a time. A row never influences another.</summary>
public interface ITokenStepper : IDisposable
{
    /// <summary>B, number of sequences.</summary>
    int Rows { get; }

    /// <summary>V, number of tokens.</summary>
    int VocabularySize { get; }

#pragma warning disable CA1716 // A keyword of Visual Basic; the name is the plain one for what happens.
    /// <summary>Reads one token a row.</summary>
    /// <param name="tokens">[B] tokens; -1 leaves that row, its state and its logits, as it is.</param>
    void Step(ReadOnlySpan<int> tokens);
#pragma warning restore CA1716

    /// <summary>Unnormalised log-probabilities of a row's next token, after the last step of that row.</summary>
    /// <param name="row">The row, 0..<see cref="Rows"/>-1.</param>
    /// <returns>[V] logits; valid until the next step.</returns>
    ReadOnlySpan<float> Logits(int row);
}
