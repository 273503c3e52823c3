namespace SequenceModels.Shapes;

/// <summary>What is minimised (docs/equations.md, section 6).</summary>
public enum TaskLoss
{
    /// <summary>Softmax and cross-entropy: one of several tokens or labels.</summary>
    CrossEntropy,

    /// <summary>Cross-entropy of each of a frame's numbers by itself: any number of labels, each yes (1) or no (0).</summary>
    BinaryCrossEntropy,

    /// <summary>Squared error of numbers, each over its deviation in the training examples.</summary>
    SquaredError,

    /// <summary>Huber's loss of numbers, each over its deviation: squared up to an error of 1, linear above, so that outliers weigh less (6.11 with a beta of 1).</summary>
    SmoothL1,
}
