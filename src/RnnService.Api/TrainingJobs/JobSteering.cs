using RnnService.Api.Storage;
using SequenceModels.Training;

namespace RnnService.Api.TrainingJobs;

/// <summary>Decides between the updates of a job: when a checkpoint is written, and whether the run leaves the machine for now.</summary>
internal sealed class JobSteering
{
    /// <summary>How often the disk is looked at.</summary>
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    /// <summary>Training that is worth a checkpoint at its end, before baselines and reports are made.</summary>
    private static readonly TimeSpan s_worthKeeping = TimeSpan.FromSeconds(1);

    private readonly RunningJob _running;
    private readonly JobCheckpoints _checkpoints;
    private readonly SpaceGuard _space;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;
    private long _written;
    private long _looked;

    public JobSteering(RunningJob running, JobCheckpoints checkpoints, SpaceGuard space, TimeSpan interval, TimeProvider time)
    {
        (_running, _checkpoints, _space, _interval, _time) = (running, checkpoints, space, interval, time);
        _written = _looked = time.GetTimestamp();
    }

    /// <inheritdoc cref="TrainingControl.Decide"/>
    public TrainingDecision Decide(TrainingMoment moment)
    {
        LookAtDisk();
        bool leaves = _running.Interruption is not null;
        var since = _time.GetElapsedTime(_written);
        if (leaves || since >= _interval || (moment.Ended && since >= s_worthKeeping))
        {
            _checkpoints.TryWrite(_running.Id, moment.WriteCheckpoint);
            _written = _time.GetTimestamp();
        }

        return leaves ? TrainingDecision.Pause : TrainingDecision.Continue;
    }

    private void LookAtDisk()
    {
        if (_time.GetElapsedTime(_looked) < s_look)
            return;
        _looked = _time.GetTimestamp();
        if (_space.ShortageOrNull() is { } shortage)
            _running.TryInterrupt(new JobInterruption(InterruptionKind.Space, shortage));
    }
}
