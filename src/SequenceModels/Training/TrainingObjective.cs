using SequenceModels.Layers;
using SequenceModels.Losses;

namespace SequenceModels.Training;

/// <summary>What is minimised besides the plain cross-entropy, while learning and never while measuring.</summary>
/// <param name="LabelSmoothing">Part of each target that is spread evenly over all classes.</param>
/// <param name="Activity">Strength of the penalty of large outputs (AR).</param>
/// <param name="TemporalActivity">Strength of the penalty of changing outputs (TAR).</param>
internal readonly unsafe record struct TrainingObjective(double LabelSmoothing, double Activity, double TemporalActivity)
{
    public static TrainingObjective Of(TrainingSettings settings) =>
        new(settings.LabelSmoothing, settings.ActivationRegularization, settings.TemporalActivationRegularization);

    /// <summary>Adds the gradient of AR.</summary>
    /// <param name="shape">T, B and lengths.</param>
    /// <param name="outputs">[T,B,size] of the last recurrent layer, after dropout where they are dropped out.</param>
    /// <param name="gradient">[T,B,size] their gradient, added to.</param>
    /// <param name="size">Components of an output.</param>
    /// <param name="share">The batch's share of the update's gradient.</param>
    public void AddActivity(SequenceShape shape, float* outputs, float* gradient, int size, double share)
    {
        int length = shape.Rows * size;
        if (Activity > 0)
            ActivationRegularization.Activity(shape, new(outputs, length), Activity * share, new(gradient, length));
    }

    /// <summary>Adds the gradient of TAR; parameters as of <see cref="AddActivity"/>, the outputs before dropout.</summary>
    public void AddTemporalActivity(SequenceShape shape, float* outputs, float* gradient, int size, double share)
    {
        int length = shape.Rows * size;
        if (TemporalActivity > 0)
            ActivationRegularization.TemporalActivity(shape, new(outputs, length), TemporalActivity * share, new(gradient, length));
    }
}
