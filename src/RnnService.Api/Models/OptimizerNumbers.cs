using System.ComponentModel.DataAnnotations;
using RnnService.Api.Hosting;
using SequenceModels.Optimizers;

namespace RnnService.Api.Models;

/// <summary>The numbers of an update rule, as requests and answers have them: each belongs to some optimizers and is left out (in answers null) with all others.</summary>
public abstract record OptimizerNumbers
{
    private const double AdamWDecay = 0.01;

    private static readonly OwnedMember<OptimizerNumbers, OptimizerKind>[] s_owned =
    [
        new("momentum", numbers => numbers.Momentum, OptimizerKind.Sgd, OptimizerKind.RmsProp),
        new("nesterov", numbers => numbers.Nesterov, OptimizerKind.Sgd),
        new("rmsPropDecay", numbers => numbers.RmsPropDecay, OptimizerKind.RmsProp),
        new("centered", numbers => numbers.Centered, OptimizerKind.RmsProp),
        new("beta1", numbers => numbers.Beta1, OptimizerKind.Adam, OptimizerKind.AdamW),
        new("beta2", numbers => numbers.Beta2, OptimizerKind.Adam, OptimizerKind.AdamW),
        new("amsGrad", numbers => numbers.AmsGrad, OptimizerKind.Adam, OptimizerKind.AdamW),
        new("epsilon", numbers => numbers.Epsilon, OptimizerKind.Adam, OptimizerKind.AdamW, OptimizerKind.RmsProp, OptimizerKind.Adagrad),
        new("averagingPatience", numbers => numbers.AveragingPatience, OptimizerKind.AveragedSgd),
    ];

    /// <summary>For sgd and rmsProp: the part of the last step's direction that is kept. Left out: 0.</summary>
    [Range(0d, 1d, MaximumIsExclusive = true)]
    public double? Momentum { get; init; }

    /// <summary>For sgd with a momentum above 0: whether the step looks ahead along its new direction. Left out: false.</summary>
    public bool? Nesterov { get; init; }

    /// <summary>For rmsProp: the decay of the mean of squared gradients. Left out: 0.99.</summary>
    [Range(0d, 1d, MaximumIsExclusive = true)]
    public double? RmsPropDecay { get; init; }

    /// <summary>For rmsProp: whether squares are taken about the mean gradient. Left out: false.</summary>
    public bool? Centered { get; init; }

    /// <summary>For adam and adamW: the decay of the mean of the gradients. Left out: 0.9.</summary>
    [Range(0d, 1d, MaximumIsExclusive = true)]
    public double? Beta1 { get; init; }

    /// <summary>For adam and adamW: the decay of the mean of their squares. Left out: 0.999.</summary>
    [Range(0d, 1d, MaximumIsExclusive = true)]
    public double? Beta2 { get; init; }

    /// <summary>For adam and adamW: whether the largest mean of squares so far is used (AMSGrad). Left out: false.</summary>
    public bool? AmsGrad { get; init; }

    /// <summary>For adam, adamW, rmsProp and adagrad: what is added to the root of a mean of squares. Left out: 1e-10 for adagrad, else 1e-8.</summary>
    [Range(1e-16, 1d)]
    public double? Epsilon { get; init; }

    /// <summary>How much weights are drawn to 0: through their gradients, by adamW apart from them. Left out: 0.01 for adamW, else 0.</summary>
    [Range(0d, 1d)]
    public double? WeightDecay { get; init; }

    /// <summary>For averagedSgd: the validations without a better one than all before them after which averaging starts. Left out: 5.</summary>
    [Range(0, 1000)]
    public int? AveragingPatience { get; init; }

    /// <summary>The rule with these numbers and the defaults of those left out.</summary>
    internal OptimizerSettings ToSettings(OptimizerKind kind)
    {
        var plain = new OptimizerSettings
        {
            Rule = kind switch
            {
                OptimizerKind.Sgd => UpdateRule.Sgd,
                OptimizerKind.AveragedSgd => UpdateRule.AveragedSgd,
                OptimizerKind.RmsProp => UpdateRule.RmsProp,
                OptimizerKind.Adagrad => UpdateRule.Adagrad,
                _ => UpdateRule.Adam,
            },
            DecoupledWeightDecay = kind == OptimizerKind.AdamW,
            WeightDecay = kind == OptimizerKind.AdamW ? AdamWDecay : 0,
        };
        return plain with
        {
            Momentum = Momentum ?? plain.Momentum,
            Nesterov = Nesterov ?? plain.Nesterov,
            SquareDecay = RmsPropDecay ?? plain.SquareDecay,
            Centered = Centered ?? plain.Centered,
            Beta1 = Beta1 ?? plain.Beta1,
            Beta2 = Beta2 ?? plain.Beta2,
            AmsGrad = AmsGrad ?? plain.AmsGrad,
            Epsilon = Epsilon,
            WeightDecay = WeightDecay ?? plain.WeightDecay,
            AveragingPatience = AveragingPatience ?? plain.AveragingPatience,
        };
    }

    /// <summary>Adds a problem for each number that the optimizer does not read, and for a look ahead without momentum.</summary>
    private protected void ValidateNumbers(Problems problems, OptimizerKind kind)
    {
        foreach (var member in s_owned)
            member.RefuseBeside(problems, this, "optimizer", kind);
        if (kind == OptimizerKind.Sgd && Nesterov == true && Momentum is null or 0 && !problems.IsUnreadable("momentum"))
            problems.Add("nesterov", "needs a momentum above 0; given true without one");
    }
}
