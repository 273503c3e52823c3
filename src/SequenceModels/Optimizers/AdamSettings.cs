namespace SequenceModels.Optimizers;

/// <summary>The constants of Adam and which of its variants is meant (docs/equations.md, section 9).</summary>
internal readonly record struct AdamSettings()
{
    /// <summary>Decay of the mean of the gradients.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the mean of their squares.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root of the corrected second moment.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Weight decay; 0: none.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Whether weights decay by themselves (AdamW, Loshchilov and Hutter 2019) and not through the gradient.</summary>
    public bool Decoupled { get; init; }

    /// <summary>Whether the largest second moment so far is used (AMSGrad, Reddi, Kale, Kumar 2018).</summary>
    public bool AmsGrad { get; init; }

    /// <summary>Whether this is the plain rule, which has a kernel of its own.</summary>
    public bool IsPlain => WeightDecay == 0 && !AmsGrad;
}
