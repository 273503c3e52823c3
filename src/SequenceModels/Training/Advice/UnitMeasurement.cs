using SequenceModels.Data;
using SequenceModels.Layers;
using SequenceModels.Tasks;

namespace SequenceModels.Training.Advice;

/// <summary>Watches the outputs of the last recurrent layer on a part of the held-out data.</summary>
internal static unsafe class UnitMeasurement
{
    private const int EnoughSteps = 1024;
    private const int Characters = 20_000;
    private const int Rows = 32;

    /// <summary>A unit whose outputs all lie this close together does not change.</summary>
    private const float Still = 1e-3f;

    /// <summary>An output beyond this is at the end of its range of -1 to 1.</summary>
    private const float Full = 0.98f;

    private const double NearlyAll = 0.95;

    /// <summary>Measures the units of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="validation">The held-out data; so much of it as takes a moment is read.</param>
    /// <param name="sequenceLength">Steps of a chunk, or tokens at most of a sequence.</param>
    /// <param name="cancellationToken">Ends it between two batches.</param>
    public static UnitActivity Measure(SequenceModel model, TrainingData validation, int sequenceLength, CancellationToken cancellationToken)
    {
        if (model is not (LanguageModel or SequenceClassifier))
            return default;
        using var context = ComputeContext.Create(1);
        using var weights = new TokenEncoderWeights(model.Parameters, model.Architecture, useTable: false);
        weights.Pack(context, backward: false);
        var encoder = new TokenEncoder(weights, context);
        var units = new Watched(encoder.OutputSize);
        if (model is LanguageModel)
        {
            int state = model.Architecture.Layers * model.Architecture.HiddenSize;
            using var batches = LanguageModelBatches.Create(PartOf(validation), model.Tokenizer, Rows, sequenceLength, null, state, model.Labels);
            batches.BeginEpoch(0);
            while (units.Steps < EnoughSteps && batches.Next())
            {
                cancellationToken.ThrowIfCancellationRequested();
                context.Workspace.Reset();
                units.Watch(batches.Shape, encoder.Forward(batches.Shape, batches.Tokens, batches.Hidden, batches.Cell, default, training: false, batches.Begins, batches.Labels));
            }
        }
        else
        {
            using var batches = SequenceClassifier.CreateBatches(PartOf(validation), model.Tokenizer, model.Labels, Rows, sequenceLength, shuffleSeed: null);
            batches.BeginEpoch(0);
            while (units.Steps < EnoughSteps && batches.Next())
            {
                cancellationToken.ThrowIfCancellationRequested();
                context.Workspace.Reset();
                units.Watch(batches.Shape, encoder.Forward(batches.Shape, batches.Tokens, null, null, default, training: false));
            }
        }

        // Rectified, added or normalised outputs have no ends.
        bool bounded = model.Architecture is { Cell: not CellKind.ReluRnn, Residual: false, LayerNorm: false };
        return units.ToActivity(bounded);
    }

    private static TrainingData PartOf(TrainingData data)
    {
        long left = Characters;
        return data switch
        {
            TrainingData.ContinuousText text when text.Text.Length > Characters => new TrainingData.ContinuousText(text.Text[..Characters]),
            TrainingData.Lines lines => new TrainingData.Lines([.. lines.Items.TakeWhile(line => (left -= line.Length) > -line.Length)]),
            TrainingData.Labelled labelled => new TrainingData.Labelled([.. labelled.Items.TakeWhile(item => (left -= item.Text.Length) > -item.Text.Length)]),
            _ => data,
        };
    }

    /// <summary>Least and greatest output of each unit, and how often it was at an end of its range.</summary>
    private sealed class Watched(int units)
    {
        private readonly float[] _least = [.. Enumerable.Repeat(float.PositiveInfinity, units)];
        private readonly float[] _greatest = [.. Enumerable.Repeat(float.NegativeInfinity, units)];
        private readonly long[] _full = new long[units];

        public long Steps { get; private set; }

        /// <param name="shape">T, B and lengths.</param>
        /// <param name="outputs">[T,B,units]</param>
        public void Watch(SequenceShape shape, float* outputs)
        {
            for (int row = 0; row < shape.Rows; row++)
            {
                if (!shape.Has(row / shape.Batch, row % shape.Batch))
                    continue;
                Steps++;
                var values = new ReadOnlySpan<float>(outputs + (long)row * units, units);
                for (int unit = 0; unit < units; unit++)
                {
                    _least[unit] = Math.Min(_least[unit], values[unit]);
                    _greatest[unit] = Math.Max(_greatest[unit], values[unit]);
                    _full[unit] += Math.Abs(values[unit]) >= Full ? 1 : 0;
                }
            }
        }

        public UnitActivity ToActivity(bool bounded)
        {
            int still = 0, full = 0;
            for (int unit = 0; Steps > 1 && unit < units; unit++)
            {
                bool isFull = bounded && _full[unit] >= NearlyAll * Steps;
                full += isFull ? 1 : 0;
                still += !isFull && _greatest[unit] - _least[unit] < Still ? 1 : 0;
            }

            return new UnitActivity(Steps > 1 ? units : 0, Steps, still, full);
        }
    }
}
