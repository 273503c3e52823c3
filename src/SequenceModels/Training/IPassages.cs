namespace SequenceModels.Training;

/// <summary>Batches whose rows are passages that can be told apart: lines, or blocks of one text, each a stream's part of a batch.</summary>
internal interface IPassages
{
    /// <summary>Number of passages.</summary>
    int Passages { get; }

    /// <summary>The passage that row <paramref name="b"/> of the current batch is.</summary>
    int PassageOf(int b);

    /// <summary>The tokens of a passage that are to be predicted.</summary>
    ReadOnlySpan<int> TargetsOf(int passage);

    /// <summary>Where a passage stands: the line's number, or the number of the token of the text that its first target is.</summary>
    long PlaceOf(int passage);
}
