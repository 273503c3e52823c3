namespace SequenceModels.Evaluation;

/// <summary>What a model reaches on examples.</summary>
public record ModelEvaluation
{
    /// <summary>The task's metrics by name.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>How far some of the metrics would move with other examples of the same kind (<see cref="Bootstrap"/>), by name.</summary>
    public IReadOnlyDictionary<string, ConfidenceInterval> Intervals { get; init; } = new Dictionary<string, ConfidenceInterval>();

    /// <summary>What was drawn anew for the intervals: <c>examples</c>, <c>lines</c> or <c>blocks</c> of one text.</summary>
    public string IntervalUnit { get; init; } = "examples";
}
