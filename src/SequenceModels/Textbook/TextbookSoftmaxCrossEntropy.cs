using MathNet.Numerics.LinearAlgebra;

namespace SequenceModels.Textbook;

/// <summary>Softmax and cross-entropy, section 6 of docs/equations.md. One example a column.</summary>
internal sealed record TextbookSoftmaxCrossEntropy
{
    /// <summary>w, one weight a class; <c>null</c>: all 1.</summary>
    public IReadOnlyList<double>? ClassWeights { get; init; }

    /// <summary>A label whose examples count for nothing; <c>null</c>: none.</summary>
    public int? IgnoredLabel { get; init; }

    /// <summary>ε, the part of each target that is spread evenly over all classes.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Whether the losses are added up and not averaged.</summary>
    public bool Sum { get; init; }

    /// <summary>log softmax of each column, without overflow whatever the logits.</summary>
    /// <param name="logits">u [C,N].</param>
    /// <returns>log p [C,N].</returns>
    public static Matrix<double> LogSoftmax(Matrix<double> logits)
    {
        ArgumentNullException.ThrowIfNull(logits);
        var logP = logits.Clone();
        for (int n = 0; n < logits.ColumnCount; n++)
        {
            var u = logits.Column(n);
            double shift = u.Maximum();
            double logSum = shift + Math.Log(u.Sum(value => Math.Exp(value - shift)));
            logP.SetColumn(n, u - logSum); // (6.1)
        }

        return logP;
    }

    /// <summary>The loss and its gradient.</summary>
    /// <param name="logits">u [C,N].</param>
    /// <param name="labels">One class a column, or the ignored label.</param>
    /// <returns>L, and ∂L/∂u [C,N].</returns>
    /// <exception cref="ArgumentException">There is not one label a column.</exception>
    public (double Loss, Matrix<double> DLogits) LossAndGradient(Matrix<double> logits, IReadOnlyList<int> labels)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.Count != logits.ColumnCount)
            throw new ArgumentException($"There are {labels.Count} labels for {logits.ColumnCount} examples.", nameof(labels));
        int classes = logits.RowCount;
        var logP = LogSoftmax(logits);                                      // (6.1)
        var target = logits.ZerosLike();                                    // stays zero for an ignored example
        double total = 0;
        for (int n = 0; n < labels.Count; n++)
        {
            if (labels[n] == IgnoredLabel)
                continue;
            total += Weight(labels[n]);                                     // (6.4)
            for (int k = 0; k < classes; k++)
                target[k, n] = Weight(k) * ((k == labels[n] ? 1 - LabelSmoothing : 0) + LabelSmoothing / classes); // (6.2)
        }

        double divisor = Sum ? 1 : total;
        double loss = -target.Hadamard(logP).Enumerate().Sum() / divisor;   // (6.3)
        var mass = target.ColumnSums();
        var dLogits = logP.MapIndexed((k, n, value) => (mass[n] * Math.Exp(value) - target[k, n]) / divisor, Zeros.Include); // (6.5)
        return (loss, dLogits);
    }

    private double Weight(int label) => ClassWeights?[label] ?? 1;
}
