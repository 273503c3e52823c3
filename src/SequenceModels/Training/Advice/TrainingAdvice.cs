namespace SequenceModels.Training.Advice;

/// <summary>What can be wrong with a run.</summary>
public enum AdviceKind
{
    /// <summary>The training loss rises instead of falling: steps are too large.</summary>
    DivergingLoss,

    /// <summary>The network learns the training data by heart.</summary>
    Overfitting,

    /// <summary>The network is too small, or too slow, for what there is to learn.</summary>
    Underfitting,

    /// <summary>Units that never change.</summary>
    InactiveUnits,

    /// <summary>Units that stand at the ends of their range.</summary>
    SaturatedUnits,

    /// <summary>Gradients are far larger than what they are clipped to.</summary>
    ExplodingGradients,

    /// <summary>Gradients are next to nothing although there is much to learn.</summary>
    VanishingGradients,

    /// <summary>One label is nearly all of the data.</summary>
    UnbalancedClasses,

    /// <summary>Too little is held back for the validation loss to be trusted.</summary>
    SmallValidation,
}

/// <summary>Something that is wrong with a run, in words that need no look at the numbers, and the numbers.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Cause">What was seen, and what it means.</param>
/// <param name="Remedy">What to change.</param>
/// <param name="Figures">The measurements that it was seen by.</param>
public sealed record TrainingAdvice(AdviceKind Kind, string Cause, string Remedy, IReadOnlyDictionary<string, double> Figures);
