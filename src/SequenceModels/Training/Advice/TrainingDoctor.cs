namespace SequenceModels.Training.Advice;

/// <summary>
/// Looks at a run's measurements and says what is wrong with it, each thing once. What diverges also has wild gradients and dead units: of a cause and its consequences only the cause is named.
/// </summary>
/// <param name="facts">What is known before the first update.</param>
/// <param name="given">What was said already, in an earlier part of the same run.</param>
public sealed class TrainingDoctor(RunFacts facts, IEnumerable<AdviceKind> given)
{
    private static readonly AdviceKind[] s_consequencesOfDivergence =
        [AdviceKind.ExplodingGradients, AdviceKind.VanishingGradients, AdviceKind.InactiveUnits, AdviceKind.SaturatedUnits, AdviceKind.Underfitting];

    private readonly HashSet<AdviceKind> _given = [.. given];

    /// <summary>What the data tell before the first update.</summary>
    public IReadOnlyList<TrainingAdvice> ExamineData() => New(DataAdvice.UnbalancedOrNull(facts), DataAdvice.SmallValidationOrNull(facts));

    /// <summary>What a validation tells.</summary>
    /// <param name="curve">The validations so far: of a long run those that <see cref="ValidatedWeights.Curve"/> has.</param>
    /// <param name="units">The units of the weights that were validated; <c>null</c> where they were not looked at.</param>
    /// <param name="ended">Whether the run has ended.</param>
    public IReadOnlyList<TrainingAdvice> Examine(IReadOnlyList<EpochMetrics> curve, UnitActivity? units, bool ended) => New(
        FitAdvice.OverfittingOrNull(curve),
        FitAdvice.UnderfittingOrNull(facts, curve, ended),
        GradientAdvice.ExplodingOrNull(facts, curve),
        GradientAdvice.VanishingOrNull(facts, curve),
        units is { } dead ? UnitAdvice.InactiveOrNull(dead) : null,
        units is { } full ? UnitAdvice.SaturatedOrNull(full) : null);

    /// <summary>What a divergence tells.</summary>
    /// <param name="divergence">What the run met.</param>
    public IReadOnlyList<TrainingAdvice> Examine(Divergence divergence) => New(DivergenceAdvice.Of(facts, divergence));

    private List<TrainingAdvice> New(params ReadOnlySpan<TrainingAdvice?> found)
    {
        var advice = new List<TrainingAdvice>();
        foreach (var one in found)
        {
            if (one is null || (_given.Contains(AdviceKind.DivergingLoss) && s_consequencesOfDivergence.Contains(one.Kind)) || !_given.Add(one.Kind))
                continue;
            advice.Add(one);
        }

        return advice;
    }
}
