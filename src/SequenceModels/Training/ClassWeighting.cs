namespace SequenceModels.Training;

/// <summary>How much the examples of each label count in a classifier's loss, where no weights are given.</summary>
public enum ClassWeighting
{
    /// <summary>All the same.</summary>
    None,

    /// <summary>Every label as much as any other: w_k = N / (K n_k) for n_k of N examples in K labels.</summary>
    Balanced,
}
