namespace RnnService.Api.Models;

/// <summary>The rule that turns gradients into parameter updates.</summary>
public enum OptimizerKind
{
    /// <summary>Adam (Kingma and Ba 2015).</summary>
    Adam,

    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019).</summary>
    AdamW,

    /// <summary>Stochastic gradient descent, with momentum (Polyak 1964) if set.</summary>
    Sgd,

    /// <summary>Gradient descent whose points are averaged once validation stops improving: NT-ASGD (Merity, Keskar and Socher 2018).</summary>
    AveragedSgd,

    /// <summary>RMSprop (Tieleman and Hinton 2012).</summary>
    RmsProp,

    /// <summary>Adagrad (Duchi, Hazan and Singer 2011).</summary>
    Adagrad,
}
