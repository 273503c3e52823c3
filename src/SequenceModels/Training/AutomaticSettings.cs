using SequenceModels.Data;
using SequenceModels.Tasks;

namespace SequenceModels.Training;

/// <summary>What is chosen where a request is silent; <paramref name="Class"/> says in words for which sizes of data, as "fewer than 50,000".</summary>
internal sealed record AutomaticSettings(
    string Class, int Layers, int HiddenSize, int EmbeddingSize, double Dropout, int Epochs, int BatchSize, int SequenceLength, double LearningRate, double GradientClipNorm, int Patience)
{
    /// <summary>Part of the tokens whose embeddings are dropped, where the request does not choose its dropout itself.</summary>
    public double EmbeddingDropout { get; init; }

    /// <summary>Part of the recurrent weights that is dropped, where the request does not choose its dropout itself.</summary>
    public double WeightDropout { get; init; }

    /// <summary>For classifiers.</summary>
    public PoolingKind Pooling { get; init; } = PoolingKind.Max;
}

/// <summary>Choices for language models, by the number of training tokens. Why these: docs/defaults.md.</summary>
internal static class LanguageModelDefaults
{
    public static AutomaticSettings For(long tokens, bool overLines, TokenizerKind kind)
    {
        if (overLines)
        {
            return tokens switch
            {
                < 50_000 => new("fewer than 50,000", 1, 128, 32, 0.5, 100, 32, 64, 0.004, 5, 8) { EmbeddingDropout = 0.1, WeightDropout = 0.3 },
                < 1_000_000 => new("50,000 to 999,999", 1, 192, 48, 0.2, 60, 64, 64, 0.003, 5, 5),
                _ => new("1,000,000 or more", 2, 256, 64, 0.1, 30, 64, 64, 0.002, 5, 3),
            };
        }

        int embedding = kind == TokenizerKind.Word ? 128 : 64;
        return tokens switch
        {
            < 50_000 => new("fewer than 50,000", 1, 96, embedding, 0.3, 60, 16, 64, 0.004, 5, 6),
            < 300_000 => new("50,000 to 299,999", 1, 128, embedding, 0.2, 40, 32, 64, 0.004, 5, 4),
            < 3_000_000 => new("300,000 to 2,999,999", 1, 256, embedding, 0.2, 20, 32, 64, 0.003, 5, 3),
            _ => new("3,000,000 or more", 2, 256, embedding, 0.1, 10, 64, 64, 0.002, 5, 2),
        };
    }
}

/// <summary>Choices for classifiers, by the number of training examples and their mean length. Why these: docs/defaults.md.</summary>
internal static class ClassifierDefaults
{
    /// <summary>Tokens from which on a text still says what it says when half of its words are dropped.</summary>
    private const double LongText = 15;

    private const string Few = "fewer than 3,000 examples";
    private const string Many = "3,000 examples or more";

    public static AutomaticSettings For(int examples, double meanTokens, TokenizerKind kind) => kind == TokenizerKind.Character
        ? examples switch
        {
            < 3000 => new(Few, 1, 64, 32, 0.3, 80, 16, 0, 0.002, 5, 15),
            _ => new(Many, 1, 128, 32, 0.3, 40, 32, 0, 0.002, 5, 8),
        }
        : Words(examples) with { EmbeddingDropout = meanTokens < LongText ? 0.2 : 0.5, Pooling = PoolingKind.Attention };

    private static AutomaticSettings Words(int examples) => examples switch
    {
        < 3000 => new(Few, 1, 48, 64, 0.5, 60, 16, 0, 0.002, 5, 10),
        _ => new(Many, 1, 64, 100, 0.5, 60, 32, 0, 0.002, 5, 8),
    };

    /// <summary>Words where texts have several of them, characters otherwise (names, codes, sequences of letters).</summary>
    public static TokenizerKind Tokenizer(IReadOnlyList<LabelledText> items)
    {
        long words = 0;
        foreach (var item in items)
            words += item.Text.AsSpan().Count(' ') + 1;
        return words >= 3L * items.Count ? TokenizerKind.Word : TokenizerKind.Character;
    }

    public static int MinimumCount(TokenizerKind kind, int examples) => kind == TokenizerKind.Word && examples >= 200 ? 2 : 1;
}
