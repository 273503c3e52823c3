using SequenceModels.Optimizers;
using SequenceModels.Tensors;

namespace SequenceModels.Training;

/// <summary>
/// A range test before a run: updates of the run's own kind on its first batches, from its first weights, at rising rates. What it changes is put back, so that the run begins as if there had
/// been none, at the rate that was found. It depends on data and seed alone: the same run finds the same rate again, unless its time is up before the test has ended.
/// </summary>
internal static class LearningRateSearch
{
    /// <summary>Runs the test of a plan that has one, and gives the plan the rate.</summary>
    /// <param name="plan">The run; receives the rate.</param>
    /// <param name="setup">The network, its batches and threads.</param>
    /// <param name="beginning">Where the run stands, as reports tell it.</param>
    /// <param name="elapsed">Tells the time that the run has taken.</param>
    /// <param name="stoppedAt">Where the run goes on: the steps after which its time was up, of which it finds the same rate again. <c>null</c>: the run begins, and the clock decides.</param>
    /// <param name="control">Receives the progress; it is not asked to decide before the test is over, but its hurry ends the test.</param>
    /// <param name="cancellationToken">Ends the test within one batch.</param>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    /// <exception cref="OperationCanceledException">The test was cancelled, or the control is in a hurry: the run has not begun, so there is nothing to keep.</exception>
    public static FoundLearningRate? OrNull(ref TrainingPlan plan, TrainingSetup setup, TrainingProgress beginning, Func<TimeSpan> elapsed, int? stoppedAt, TrainingControl control, CancellationToken cancellationToken)
    {
        if (plan.Training.RangeTest is not { } test)
            return null;
        int? maxSeconds = plan.Training.MaxSeconds;
        var result = Run(test, plan.Training, setup, step =>
        {
            control.Report(beginning with { Elapsed = elapsed(), RangeTest = new(step, test.Steps, Found: null) });
            control.Hurry.ThrowIfCancellationRequested();
        }, step => stoppedAt is { } last ? step >= last : elapsed().TotalSeconds >= maxSeconds, cancellationToken);
        var found = new FoundLearningRate(result.Suggestion ?? plan.Training.LearningRate, result, test.Steps);
        control.Report(beginning with { Elapsed = elapsed(), RangeTest = found.Progress });
        plan = plan with { Training = plan.Training with { LearningRate = found.LearningRate } };
        return found;
    }

    private static unsafe RangeTestResult Run(RangeTestSettings test, TrainingSettings settings, TrainingSetup setup, Action<int> report, Func<int, bool> isOver, CancellationToken cancellationToken)
    {
        var task = setup.Task;
        var values = task.Parameters.Values;
        using var first = new NativeBuffer(values.Length);
        Memory.Copy(values.Pointer, first.Pointer, first.Length);
        using var optimizer = Optimizer.Create(task.Parameters, settings.Optimizer);
        var update = new UpdateStep(task, optimizer, settings, setup.Context);
        int epoch = 0, left = 0;
        var result = LearningRateRangeTest.Run(test, Step, isOver, cancellationToken);
        Memory.Copy(first.Pointer, values.Pointer, first.Length);
        return result;

        double Step(double rate)
        {
            if (left == 0)
            {
                task.BeginEpoch(epoch++);
                optimizer.RateGroups = LayerGroups.Rates(task.Parameters, settings, epoch);
                left = task.BatchesPerEpoch;
            }

            int batches = Math.Min(left, settings.GradientAccumulation);
            left -= batches;
            var done = update.Run(batches, rate, cancellationToken);
            report((int)optimizer.Steps);
            return done.LossSum / done.Weight;
        }
    }
}
