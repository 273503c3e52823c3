namespace SequenceModels.Shapes;

/// <summary>A token (or class, or label) a step.</summary>
public sealed class TokenSequence : SequenceData
{
    private readonly int[] _tokens;

    /// <summary>A sequence of tokens.</summary>
    /// <param name="tokens">Each from 0 to below the number of tokens of the task; in a target of labels, -1 is a step that has none. Not copied.</param>
    public TokenSequence(params int[] tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        _tokens = tokens;
    }

    /// <inheritdoc/>
    public override int Length => _tokens.Length;

    /// <summary>[T] the tokens.</summary>
    public ReadOnlySpan<int> Tokens => _tokens;

    /// <summary>The token of a step.</summary>
    /// <param name="step">The step, from 0.</param>
    public int this[int step] => _tokens[step];
}
