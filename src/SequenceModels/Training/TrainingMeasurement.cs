using System.Diagnostics;
using SequenceModels.Data;
using SequenceModels.Kernels;
using SequenceModels.Layers;
using SequenceModels.Optimizers;
using SequenceModels.Tasks;
using SequenceModels.Tensors;

namespace SequenceModels.Training;

/// <summary>
/// Measures a run before it is begun: some seconds of its own updates on its own data, a validation, a copy of its model. Nothing of it is kept. Batches of lines and of labelled texts come in a random order, so
/// that the first ones tell of all; what they take is told by the token, as their lengths differ.
/// </summary>
public static class TrainingMeasurement
{
    /// <summary>The largest matrix whose decomposition is worth waiting for; the time of larger ones is told from it.</summary>
    private const int LargestDecomposed = 256;

    /// <summary>So many times faster is a token read than learned from, about: only to choose how much is read.</summary>
    private const double ReadingIsFaster = 3;

    /// <summary>Part of the time in which the first updates warm up: compilation, memory, the number of threads.</summary>
    private const double WarmingUp = 0.3;

    /// <summary>Seconds that a part of the validation data is read for.</summary>
    private const double ValidationSample = 0.3;

    /// <summary>Measures a run.</summary>
    /// <param name="plan">The run. A model that it starts from must hold weights.</param>
    /// <param name="training">The examples to learn from.</param>
    /// <param name="validation">The examples to measure on.</param>
    /// <param name="threads">Threads that the run will have, 1 or more.</param>
    /// <param name="duration">Time to measure for, warming up left out; a single update may take longer.</param>
    /// <param name="look">Receives a model such as the run makes, untrained, to measure what else is done with it; of use until it returns. <c>null</c>: nobody wants it.</param>
    /// <param name="cancellationToken">Ends the measurement within one batch.</param>
    /// <returns>What it told.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static TrainingEstimate Run(
        TrainingPlan plan, TrainingData training, TrainingData validation, int threads, TimeSpan duration, Action<SequenceModel>? look, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        long start = Stopwatch.GetTimestamp();
        bool decomposes = plan.Architecture.HiddenSize <= LargestDecomposed;
        using var setup = new TrainingSetup(plan, training, validation, threads, KernelSet.Best, orthogonal: decomposes);
        double preparation = Seconds(start) + (decomposes ? 0 : Decompositions(plan, cancellationToken));
        var updates = Updates(plan, setup, duration, cancellationToken);
        var (best, tuning) = updates.Best(plan.Training.Epochs * (long)plan.StepsPerEpoch);
        setup.Context.Team.Use(best.Threads);

        using var model = Copied(plan, setup.Task.Parameters, out double copy);
        double reading = ReadingIsFaster * best.TokensPerSecond * ValidationSample;
        long held = setup.Task.ValidationTokens;
        double validationSeconds = held <= reading
            ? Timed(() => setup.Task.Evaluate(cancellationToken))
            : Validation(plan, model, validation, reading / held, setup.Context, cancellationToken);
        look?.Invoke(model);
        return new TrainingEstimate
        {
            Plan = plan,
            Threads = best.Threads,
            MeasuredSteps = best.Steps,
            MeasuredSeconds = best.Seconds,
            TokensPerSecond = best.TokensPerSecond,
            TokensPerEpoch = setup.Task.TokensPerEpoch,
            ValidationTokens = held,
            PreparationSeconds = preparation,
            TuningSeconds = tuning,
            ValidationSeconds = validationSeconds,
            CopySeconds = copy,
        };
    }

    private static UpdateTimes Updates(TrainingPlan plan, TrainingSetup setup, TimeSpan duration, CancellationToken cancellationToken)
    {
        var (task, settings) = (setup.Task, plan.Training);
        using var optimizer = Optimizer.Create(task.Parameters, settings.Optimizer);
        var update = new UpdateStep(task, optimizer, settings, setup.Context);
        var tuner = new TeamSizeTuner(setup.Context.Team);
        var times = new UpdateTimes();
        long totalSteps = (long)settings.Epochs * plan.StepsPerEpoch, begun = Stopwatch.GetTimestamp();
        TimeSpan warmed = WarmingUp * duration, end = warmed + duration;
        int epoch = 0, left = 0;
        while (true)
        {
            if (left == 0)
            {
                task.BeginEpoch(epoch++);
                optimizer.RateGroups = LayerGroups.Rates(task.Parameters, settings, epoch);
                left = task.BatchesPerEpoch;
            }

            int batches = Math.Min(left, settings.GradientAccumulation);
            left -= batches;
            tuner.BeforeStep();
            bool settled = tuner.Settled;
            double rate = LearningRateSchedule.Rate(settings.Schedule, settings.LearningRate, new(optimizer.Steps % totalSteps, totalSteps, 0, PlateauState.Beginning));
            long start = Stopwatch.GetTimestamp();
            long tokens = update.Run(batches, rate, cancellationToken).Tokens;
            var elapsed = Stopwatch.GetElapsedTime(start);
            tuner.AfterStep(elapsed, tokens);
            times.Add(setup.Context.Team.Size, tokens, elapsed.TotalSeconds, settled && Stopwatch.GetElapsedTime(begun) > warmed);
            if (Stopwatch.GetElapsedTime(begun) >= end)
                return times;
        }
    }

    /// <summary>Seconds of a validation, from one of an even part.</summary>
    private static double Validation(TrainingPlan plan, SequenceModel model, TrainingData validation, double share, ComputeContext context, CancellationToken cancellationToken)
    {
        var part = DataSplitter.Part(validation, share);
        double seconds = Timed(() => model.Evaluate(part, plan.Training.SequenceLength, model.Precision, context, cancellationToken));
        return seconds * validation.Length / Math.Max(1, part.Length);
    }

    private static unsafe SequenceModel Copied(TrainingPlan plan, ParameterSet parameters, out double seconds)
    {
        long start = Stopwatch.GetTimestamp();
        var copy = TrainingSetup.ParametersOf(plan);
        try
        {
            Memory.Copy(parameters.Values.Pointer, copy.Values.Pointer, copy.Values.Length);
            var model = TrainingSetup.ModelOf(plan, copy);
            seconds = Seconds(start);
            return model;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <summary>Seconds that the decompositions of the first recurrent weights take: those of a matrix of a tractable size, times the cube of how much larger they are.</summary>
    private static double Decompositions(TrainingPlan plan, CancellationToken cancellationToken)
    {
        var architecture = plan.Architecture;
        var values = new float[LargestDecomposed * LargestDecomposed];
        double least = double.PositiveInfinity;
        for (int i = 0; i < 3; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            Initialization.Orthogonal(values, LargestDecomposed, LargestDecomposed, new Randomness.CounterRandom(plan.Training.Seed, Randomness.RandomPurpose.Initialization, 0));
            least = Math.Min(least, Seconds(start));
        }

        int matrices = RecurrentCell.Of(architecture.Cell).Gates * architecture.Layers * (architecture.Bidirectional ? 2 : 1);
        double times = (double)architecture.HiddenSize / LargestDecomposed;
        return matrices * least * times * times * times;
    }

    /// <summary>The second of two times: the first one warms up.</summary>
    private static double Timed(Action work)
    {
        work();
        long start = Stopwatch.GetTimestamp();
        work();
        return Seconds(start);
    }

    private static double Seconds(long start) => Stopwatch.GetElapsedTime(start).TotalSeconds;
}
