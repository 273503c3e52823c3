using SequenceModels.Text;

namespace RnnService.Api.Inference;

/// <summary>How single tokens are shown.</summary>
internal static class InferenceTokens
{
    /// <summary>The token's text; empty for the end mark, which no other token is.</summary>
    public static string TextOf(Vocabulary vocabulary, int token) => token == vocabulary.End ? "" : vocabulary.Tokens[token];
}
