namespace RnnService.Api.Storage;

/// <summary>The order of start-up work. What a stage needs, the stages before it have done.</summary>
public enum StartupStage
{
    /// <summary>The database is brought to the present schema.</summary>
    Database,

    /// <summary>Leftovers of a crash are removed.</summary>
    Sweep,

    /// <summary>Indexes are rebuilt from the folders, which are the truth.</summary>
    Index,

    /// <summary>Interrupted work is taken up again.</summary>
    Resume,
}

/// <summary>Work that must be done before the service is ready. Registered with AddStartupTask; run once, in order of stage, then of registration.</summary>
public interface IStartupTask
{
    /// <summary>When it is run.</summary>
    StartupStage Stage { get; }

    /// <summary>Does the work. An exception stops the service.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}
