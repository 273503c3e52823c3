namespace SequenceModels.Shapes;

/// <summary>How many steps a network reads and how many it writes: the five shapes of recurrent networks (docs/shapes.md).</summary>
public enum TaskShape
{
    /// <summary>One step in, one out: no time, a network of tanh layers. Labels or numbers of a vector.</summary>
    OneToOne,

    /// <summary>One step in, many out: a class or a vector becomes the states that a sequence is generated from.</summary>
    OneToMany,

    /// <summary>Many steps in, one out: a label, several labels, or numbers of a whole sequence.</summary>
    ManyToOne,

    /// <summary>A step out for each step in: labels or numbers of every step.</summary>
    ManyToManyEqual,

    /// <summary>A sequence in, another of its own length out: encoder and decoder (Sutskever, Vinyals, Le 2014; Cho et al. 2014), without attention.</summary>
    ManyToMany,
}
