namespace SequenceModels.Optimizers;

/// <summary>The rule that turns gradients into parameter updates (docs/equations.md, section 9).</summary>
public enum UpdateRule
{
    /// <summary>Stochastic gradient descent, with momentum (Polyak 1964) or Nesterov's (Sutskever et al. 2013) if set.</summary>
    Sgd,

    /// <summary>Plain gradient descent whose points are averaged as soon as validation stops improving (NT-ASGD, Merity, Keskar and Socher 2018).</summary>
    AveragedSgd,

    /// <summary>RMSprop (Tieleman and Hinton 2012), centred and with momentum (Graves 2013) if set.</summary>
    RmsProp,

    /// <summary>Adagrad (Duchi, Hazan and Singer 2011).</summary>
    Adagrad,

    /// <summary>Adam (Kingma and Ba 2015); with decoupled weight decay it is AdamW (Loshchilov and Hutter 2019).</summary>
    Adam,
}
