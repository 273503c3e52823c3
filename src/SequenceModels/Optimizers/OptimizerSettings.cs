using SequenceModels.Sampling;

namespace SequenceModels.Optimizers;

/// <summary>An update rule and its constants; PyTorch's meanings and defaults. A rule reads its own constants only.</summary>
public sealed record OptimizerSettings
{
    /// <summary>The rule.</summary>
    public UpdateRule Rule { get; init; } = UpdateRule.Adam;

    /// <summary>Part of the last step's direction that is kept, 0 to below 1. <see cref="UpdateRule.Sgd"/>, <see cref="UpdateRule.RmsProp"/>.</summary>
    public double Momentum { get; init; }

    /// <summary>Whether the step looks ahead along its new direction; needs momentum. <see cref="UpdateRule.Sgd"/>.</summary>
    public bool Nesterov { get; init; }

    /// <summary>Decay of the mean of squared gradients, 0 to below 1. <see cref="UpdateRule.RmsProp"/>.</summary>
    public double SquareDecay { get; init; } = 0.99;

    /// <summary>Whether squares are taken about the mean gradient. <see cref="UpdateRule.RmsProp"/>.</summary>
    public bool Centered { get; init; }

    /// <summary>Decay of the mean of the gradients, 0 to below 1. <see cref="UpdateRule.Adam"/>.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the mean of their squares, 0 to below 1. <see cref="UpdateRule.Adam"/>.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Whether the largest second moment so far is used (Reddi, Kale and Kumar 2018). <see cref="UpdateRule.Adam"/>.</summary>
    public bool AmsGrad { get; init; }

    /// <summary>Added to the root of a mean of squares, 1e-16..1; <c>null</c>: 1e-10 for <see cref="UpdateRule.Adagrad"/>, 1e-8 otherwise.</summary>
    public double? Epsilon { get; init; }

    /// <summary>Weight decay, 0..1; 0: none.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Whether weights decay by themselves, by learning rate x decay of their value a step, and not through their gradients.</summary>
    public bool DecoupledWeightDecay { get; init; }

    /// <summary>Validations without a better one than all before them after which averaging starts, 0..1000. <see cref="UpdateRule.AveragedSgd"/>.</summary>
    public int AveragingPatience { get; init; } = 5;

    /// <summary><see cref="Epsilon"/>, or the rule's own.</summary>
    public double EpsilonOrDefault => Epsilon ?? (Rule == UpdateRule.Adagrad ? 1e-10 : 1e-8);

    /// <summary>Checks every range.</summary>
    /// <returns>All problems at once; empty if the settings are good.</returns>
    public IReadOnlyList<SettingProblem> Validate()
    {
        var check = new RangeCheck();
        check.FromToBelow("momentum", Momentum, 0, 1);
        check.FromToBelow("squareDecay", SquareDecay, 0, 1);
        check.FromToBelow("beta1", Beta1, 0, 1);
        check.FromToBelow("beta2", Beta2, 0, 1);
        check.FromTo("epsilon", Epsilon, 1e-16, 1);
        check.FromTo("weightDecay", WeightDecay, 0, 1);
        check.FromTo("averagingPatience", AveragingPatience, 0, 1000);
        if (!Enum.IsDefined(Rule))
            check.Add("rule", $"is {(int)Rule}; it must be one of {string.Join(", ", Enum.GetNames<UpdateRule>())}.");
        if (Nesterov && Momentum == 0)
            check.Add("nesterov", "is set without a momentum; it needs one above 0.");
        return check.Problems;
    }
}
