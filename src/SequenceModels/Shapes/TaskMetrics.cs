using SequenceModels.Evaluation;

namespace SequenceModels.Shapes;

/// <summary>Adds up what a network gives on examples, and tells the measures of its task.</summary>
internal sealed class TaskMetrics(SequenceTask task, SequenceScaling scaling)
{
    private readonly long[] _hits = new long[task.Outputs];
    private readonly long[] _wanted = new long[task.Outputs];
    private readonly long[] _given = new long[task.Outputs];
    private long _count;
    private long _right;
    private double _squares;
    private double _absolutes;

    /// <summary>Takes tokens; those that are not known do not count.</summary>
    public void AddTokens(ReadOnlySpan<int> targets, ReadOnlySpan<int> predictions)
    {
        for (int i = 0; i < targets.Length; i++)
        {
            if (targets[i] < 0)
                continue;
            _wanted[targets[i]]++;
            _given[predictions[i]]++;
            if (targets[i] == predictions[i])
                _hits[targets[i]]++;
        }
    }

    /// <summary>Takes numbers, standardised, or the logits of yes; those that are not known do not count.</summary>
    public void AddNumbers(ReadOnlySpan<float> targets, ReadOnlySpan<float> predictions)
    {
        for (int i = 0; i < targets.Length; i++)
        {
            if (float.IsNaN(targets[i]))
                continue;
            int output = i % task.Output.Size;
            _count++;
            if (task.ChosenLoss == TaskLoss.BinaryCrossEntropy)
            {
                (bool wanted, bool given) = (targets[i] > 0.5f, predictions[i] > 0);
                _wanted[output] += wanted ? 1 : 0;
                _given[output] += given ? 1 : 0;
                _hits[output] += wanted && given ? 1 : 0;
                _right += wanted == given ? 1 : 0;
                continue;
            }

            double error = ((double)predictions[i] - targets[i]) * scaling.Output!.Deviation[output];
            _squares += error * error;
            _absolutes += Math.Abs(error);
        }
    }

    /// <summary>
    /// <c>validationLoss</c> (of tokens nats, of numbers in units of their deviation) and <c>targets</c>; for tokens <c>accuracy</c> and <c>macroF1</c>; for yes and no <c>accuracy</c> and <c>microF1</c>; for numbers
    /// <c>rootMeanSquaredError</c> and <c>meanAbsoluteError</c> in their own units.
    /// </summary>
    /// <param name="lossSum">Sum of the losses of all targets.</param>
    public IReadOnlyDictionary<string, double> Result(double lossSum)
    {
        long wanted = _wanted.Sum(), hits = _hits.Sum(), targets = task.ChosenLoss == TaskLoss.CrossEntropy ? wanted : _count;
        var metrics = new Dictionary<string, double> { ["validationLoss"] = lossSum / targets, ["targets"] = targets };
        switch (task.ChosenLoss)
        {
            case TaskLoss.CrossEntropy:
                metrics["accuracy"] = (double)hits / wanted;
                metrics["macroF1"] = ConfusionMatrix.MeanF1(_hits, _wanted, _given);
                break;
            case TaskLoss.BinaryCrossEntropy:
                metrics["accuracy"] = (double)_right / _count;
                metrics["microF1"] = ConfusionMatrix.F1(hits, wanted, _given.Sum());
                break;
            default:
                metrics["rootMeanSquaredError"] = Math.Sqrt(_squares / _count);
                metrics["meanAbsoluteError"] = _absolutes / _count;
                break;
        }

        return metrics;
    }
}
