using System.Globalization;
using SequenceModels.Tasks;

namespace SequenceModels.Training;

/// <summary>The numbers of the training data that choices are made by.</summary>
internal sealed record DataSize
{
    public required TaskKind Task { get; init; }

    /// <summary>Whether there are several sequences rather than one long text.</summary>
    public required bool OverLines { get; init; }

    public required TokenizerKind Kind { get; init; }

    /// <summary>Tokens of all sequences, the end marks of lines that a language model learns included.</summary>
    public required long Tokens { get; init; }

    public required int Sequences { get; init; }

    /// <summary>Tokens of the longest sequence.</summary>
    public required int Longest { get; init; }

    /// <summary>V.</summary>
    public required int Vocabulary { get; init; }

    public double MeanTokens => (double)Tokens / Sequences;

    /// <summary>What a token is: "characters" or "words".</summary>
    public string Unit => Kind == TokenizerKind.Word ? "words" : "characters";

    /// <summary>The data in numbers, as "20,560 characters of 1,383 lines".</summary>
    public string InWords() => Task == TaskKind.Classification
        ? string.Create(CultureInfo.InvariantCulture, $"{Sequences:N0} examples of {MeanTokens:N1} {Unit} on average")
        : OverLines
            ? string.Create(CultureInfo.InvariantCulture, $"{Tokens:N0} {Unit} of {Sequences:N0} lines, line ends counted")
            : string.Create(CultureInfo.InvariantCulture, $"{Tokens:N0} {Unit} of one text");
}
