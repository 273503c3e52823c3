using SequenceModels.Training.Advice;

namespace SequenceModels.Training;

/// <summary>
/// Watches and steers a run. All members are called on the run's thread, which waits for them, between two updates and never within one; what they do changes no bit of the weights.
/// This one lets a run go on to its end.
/// </summary>
public class TrainingControl
{
    /// <summary>
    /// Cancelled when <see cref="Decide"/> wants to be asked at once: a validation under way, which may take long, is given up, and done from its beginning if the run goes on.
    /// </summary>
    public virtual CancellationToken Hurry => CancellationToken.None;

    /// <summary>Receives the progress: when the run is being prepared, a few times a second, and after each validation.</summary>
    /// <param name="progress">Where the run stands.</param>
    public virtual void Report(TrainingProgress progress)
    {
    }

    /// <summary>Decides how the run goes on. Asked before each update and each validation, and once more when the run has ended, before its outcome is made.</summary>
    /// <param name="moment">Where the run stands, and the way to a checkpoint; of use until this call returns.</param>
    /// <returns>How to go on.</returns>
    public virtual TrainingDecision Decide(TrainingMoment moment) => TrainingDecision.Continue;

    /// <summary>Learns that the run diverged and went back to its best state, from which it goes on at half the rate. It does so once.</summary>
    /// <param name="divergence">What happened.</param>
    public virtual void Diverged(Divergence divergence)
    {
    }

    /// <summary>Sees the best weights so far of a run that goes on from a checkpoint, if it has validated any.</summary>
    /// <param name="best">The metrics of the best validation and its weights; the point is that of the last one. Of use until this call returns.</param>
    public virtual void WentOn(ValidatedWeights best)
    {
    }

    /// <summary>Sees the weights that have just been validated: after each epoch, and every so many updates if the settings say so.</summary>
    /// <param name="validated">Metrics and weights; of use until this call returns.</param>
    public virtual void Validated(ValidatedWeights validated)
    {
    }
}

/// <summary>How a run goes on.</summary>
public enum TrainingDecision
{
    /// <summary>With the next update.</summary>
    Continue,

    /// <summary>Not at all: it ends without an outcome. To go on another time, a checkpoint is written first.</summary>
    Pause,

    /// <summary>To its end at once: the weights are validated a last time, and the best so far are the outcome, as when time is up.</summary>
    Finish,
}
