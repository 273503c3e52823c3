namespace SequenceModels.Training;

/// <summary>A moment between two updates of a run.</summary>
public sealed class TrainingMoment
{
    private readonly TrainingRun _run;

    internal TrainingMoment(TrainingRun run) => _run = run;

    /// <summary>The epoch under way, from 1.</summary>
    public int Epoch => _run.State.Epoch;

    /// <summary>Updates done.</summary>
    public long Step => _run.Steps;

    /// <summary>Time that the run has taken, interruptions left out.</summary>
    public TimeSpan Elapsed => _run.Elapsed;

    /// <summary>Whether the run has ended and only its outcome is still to be made.</summary>
    public bool Ended => _run.State.StopReason is not null;

    /// <summary>Writes all that a run needs to go on from here, in whatever process: <see cref="TrainingCheckpoint"/>. Takes as long as writing the weights and what the optimiser remembers takes, and no memory to speak of.</summary>
    /// <param name="destination">Receives the file; need not seek, stays open.</param>
    /// <exception cref="InvalidOperationException">The moment has passed.</exception>
    public void WriteCheckpoint(Stream destination) => _run.WriteCheckpoint(destination);
}
