using System.Globalization;

namespace SequenceModels.Training.Advice;

/// <summary>What the learning curves tell: whether the network is too large or too small for its data.</summary>
internal static class FitAdvice
{
    /// <summary>How far the validation loss must have risen above its least before it is more than a flutter.</summary>
    private const double Risen = 1.1;

    /// <summary>The part of the least validation loss that the training loss must be below.</summary>
    private const double FarBelow = 0.75;

    /// <summary>Validations after the best one before it counts as the turning point.</summary>
    private const int After = 2;

    /// <summary>Epochs over which a loss that falls by less than <see cref="Standstill"/> of itself stands still.</summary>
    private const int StillEpochs = 4;

    private const double Standstill = 0.02;

    /// <summary>The part of a simple model's loss that a network must be below to have learned something that the simple model does not know.</summary>
    private const double HardlyBetter = 0.97;

    /// <summary>The validation loss has turned and rises while the training loss falls on.</summary>
    public static TrainingAdvice? OverfittingOrNull(IReadOnlyList<EpochMetrics> curve)
    {
        if (curve.Count <= After)
            return null;
        int best = 0;
        for (int i = 1; i < curve.Count; i++)
            best = curve[i].ValidationLoss < curve[best].ValidationLoss ? i : best;
        var (turn, last) = (curve[best], curve[^1]);
        bool rises = curve.Count - 1 - best >= After && last.ValidationLoss > Risen * turn.ValidationLoss;
        if (!rises || !(last.TrainingLoss < turn.TrainingLoss) || !(last.TrainingLoss < FarBelow * turn.ValidationLoss))
            return null;
        return new TrainingAdvice(
            AdviceKind.Overfitting,
            string.Create(
                CultureInfo.InvariantCulture,
                $"Since epoch {turn.Epoch} the validation loss has risen from {turn.ValidationLoss:F3} to {last.ValidationLoss:F3} while the training loss fell from {turn.TrainingLoss:F3} to {last.TrainingLoss:F3}: the network learns its examples by heart."),
            "The best state so far is kept in any case. More data help most; else more dropout, weightDecay, or a smaller hiddenSize.",
            new Dictionary<string, double>
            {
                ["bestEpoch"] = turn.Epoch,
                ["bestValidationLoss"] = turn.ValidationLoss,
                ["validationLoss"] = last.ValidationLoss,
                ["trainingLoss"] = last.TrainingLoss,
            });
    }

    /// <summary>The training loss stands still, or the run has ended, at what counting alone reaches.</summary>
    public static TrainingAdvice? UnderfittingOrNull(RunFacts facts, IReadOnlyList<EpochMetrics> curve, bool ended)
    {
        EpochMetrics[] epochs = [.. curve.Where(point => point.EpochEnded)];
        if (epochs.Length == 0)
            return null;
        var last = epochs[^1];
        bool still = epochs.Length > StillEpochs && last.TrainingLoss > (1 - Standstill) * epochs[^(StillEpochs + 1)].TrainingLoss;
        if (!still && !ended)
            return null;
        // Where neighbours tell nothing of each other there may be nothing to learn.
        bool pairs = facts.PairLoss < HardlyBetter * facts.FrequencyLoss;
        if ((pairs ? facts.PairLoss : facts.FrequencyLoss) is not { } simple || simple <= 0 || !(last.TrainingLoss > HardlyBetter * simple))
            return null;
        if (!pairs && facts.PairLoss is not null)
            return null;
        string knows = facts.LabelCounts.Count > 0 ? "how frequent each label is" : pairs ? "which token follows which how often" : "how frequent each token is";
        return new TrainingAdvice(
            AdviceKind.Underfitting,
            string.Create(
                CultureInfo.InvariantCulture,
                $"The training loss {(still ? "stands still at" : "ended at")} {last.TrainingLoss:F3}; to know {knows} gives {simple:F3}: the network has not learned more than that."),
            still
                ? "Give the network more to learn with: a larger hiddenSize, or another layer. If it is large already, try another learningRate."
                : "Train longer (epochs), at a higher learningRate, or give the network a larger hiddenSize.",
            new Dictionary<string, double> { ["trainingLoss"] = last.TrainingLoss, ["simpleLoss"] = simple, ["parameters"] = facts.Parameters });
    }
}
