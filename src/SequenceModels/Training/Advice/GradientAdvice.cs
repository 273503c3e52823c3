using System.Globalization;

namespace SequenceModels.Training.Advice;

/// <summary>What the size of the gradients tells.</summary>
internal static class GradientAdvice
{
    /// <summary>Times the clipping norm from which on the clip, not the loss, decides about the steps.</summary>
    private const double FarAboveClip = 20;

    /// <summary>A norm that moves nothing.</summary>
    private const double NextToNothing = 1e-4;

    /// <summary>The part of a guess' loss above which there is still much to learn.</summary>
    private const double MuchLeft = 0.7;

    /// <summary>The mean norm of an epoch is far above what gradients are clipped to.</summary>
    public static TrainingAdvice? ExplodingOrNull(RunFacts facts, IReadOnlyList<EpochMetrics> curve)
    {
        // A norm that is no number, or infinite, is the matter of divergence.
        if (curve.Count == 0 || !double.IsFinite(curve[^1].GradientNorm) || curve[^1].GradientNorm <= FarAboveClip * facts.GradientClipNorm)
            return null;
        double norm = curve[^1].GradientNorm;
        return new TrainingAdvice(
            AdviceKind.ExplodingGradients,
            string.Create(CultureInfo.InvariantCulture, $"The gradients of epoch {curve[^1].Epoch} have a mean norm of {norm:G3} and are clipped to {facts.GradientClipNorm:G3}: nearly nothing of their size is left, and steps go where the steepest place points."),
            "Lower the learningRate or the sequenceLength; a gated cell (lstm, gru) in place of rnn or reluRnn, or layerNorm, keeps gradients in bounds.",
            new Dictionary<string, double> { ["gradientNorm"] = norm, ["gradientClipNorm"] = facts.GradientClipNorm });
    }

    /// <summary>The mean norm of an epoch is next to nothing while the loss is near a guess.</summary>
    public static TrainingAdvice? VanishingOrNull(RunFacts facts, IReadOnlyList<EpochMetrics> curve)
    {
        if (curve.Count == 0 || facts.GuessLoss is not { } guess || !(curve[^1].GradientNorm < NextToNothing) || !(curve[^1].TrainingLoss > MuchLeft * guess))
            return null;
        var last = curve[^1];
        return new TrainingAdvice(
            AdviceKind.VanishingGradients,
            string.Create(CultureInfo.InvariantCulture, $"The gradients of epoch {last.Epoch} have a mean norm of {last.GradientNorm:G3} although the training loss of {last.TrainingLoss:F3} is near that of a guess, {guess:F3}: nothing moves any more."),
            "Use a gated cell (lstm, gru) or residual layers, fewer layers, shorter sequences, or start again with another seed or a lower learningRate.",
            new Dictionary<string, double> { ["gradientNorm"] = last.GradientNorm, ["trainingLoss"] = last.TrainingLoss, ["guessLoss"] = guess });
    }
}
