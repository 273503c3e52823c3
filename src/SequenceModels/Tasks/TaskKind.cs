namespace SequenceModels.Tasks;

/// <summary>What a model learns to do.</summary>
public enum TaskKind
{
    /// <summary>Predict the next token of a text; used to sample new text and to score given text.</summary>
    LanguageModel,

    /// <summary>Give a whole sequence one of several labels.</summary>
    Classification,
}
