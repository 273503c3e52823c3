namespace SequenceModels.Optimizers;

/// <summary>
/// Watches for the validation at which averaging starts: one whose loss is above the least of those more than n validations before it ((9.20) of docs/equations.md; Merity, Keskar and Socher 2018). It carries n losses
/// and the least of all that are older, however many there were, and is part of what a checkpoint keeps.
/// </summary>
internal sealed class NonMonotoneTrigger
{
    /// <summary>The losses of the last n validations, the newest last.</summary>
    public List<double> Recent { get; init; } = [];

    /// <summary>The least loss of those before them; infinite without any.</summary>
    public double LeastBefore { get; set; } = double.PositiveInfinity;

    /// <summary>Counts a validation. A loss that is no number is neither above another nor the least.</summary>
    /// <param name="loss">Its loss.</param>
    /// <param name="patience">n, the same at every call.</param>
    /// <returns>Whether it is above the least of the old ones.</returns>
    public bool Add(double loss, int patience)
    {
        bool triggered = loss > LeastBefore;
        Recent.Add(loss);
        if (Recent.Count <= patience)
            return triggered;
        if (Recent[0] < LeastBefore)
            LeastBefore = Recent[0];
        Recent.RemoveAt(0);
        return triggered;
    }
}
