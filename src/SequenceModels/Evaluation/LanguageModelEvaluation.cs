namespace SequenceModels.Evaluation;

/// <summary>What a language model reaches on lines or on one long text.</summary>
public sealed record LanguageModelEvaluation : ModelEvaluation
{
    /// <summary>The lines, or blocks of the text, of the highest loss a token, the highest first.</summary>
    public required IReadOnlyList<HardPassage> Hardest { get; init; }
}

/// <summary>A line, or a block of a text, that a language model finds hard to foretell.</summary>
/// <param name="Index">Which of the lines, or which token of the text the block begins with, from 0.</param>
/// <param name="Text">The tokens foretold, put together as text.</param>
/// <param name="Tokens">How many tokens were foretold, the end mark of a line being one.</param>
/// <param name="NatsPerToken">Their mean negative log-probability.</param>
public sealed record HardPassage(long Index, string Text, int Tokens, double NatsPerToken);
