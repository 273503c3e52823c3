using Microsoft.Extensions.Options;
using RnnService.Api.Hosting;
using RnnService.Api.Storage;

namespace RnnService.Api.TrainingJobs;

/// <summary>Runs the jobs in the order of the queue, so many at a time as the settings say. A job that the process' end interrupted comes before all that wait.</summary>
internal sealed class TrainingWorker(
    TrainingJobStore jobs, TrainingDesk queue, JobRunner runner, SpaceGuard space, ServiceReadiness readiness, IOptions<TrainingOptions> options, TimeProvider time, ILogger<TrainingWorker> logger) : BackgroundService
{
    /// <summary>How long to wait after a fault of the service itself, such as a full disk.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(5);

    /// <summary>How often a full disk is looked at.</summary>
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await readiness.WaitUntilStartedAsync(stoppingToken);
            await Task.WhenAll(Enumerable.Range(0, options.Value.MaxConcurrentJobs).Select(_ => RunSlotAsync(stoppingToken)));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process stops; a job that was running is still marked so, and is taken up at the next start.
        }
    }

    private async Task RunSlotAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            if (!await TryRunNextAsync(stoppingToken))
                await Task.Delay(s_pause, time, stoppingToken);
        }
    }

    /// <summary>Runs the next job or waits for one; false after a fault.</summary>
    private async Task<bool> TryRunNextAsync(CancellationToken stoppingToken)
    {
        RunningJob? running = null;
        try
        {
            if (IsShort())
            {
                await Task.Delay(s_look, time, stoppingToken);
                return true;
            }

            await jobs.ResumeStarvedAsync(stoppingToken);
            if (await jobs.ClaimOrNullAsync(stoppingToken) is { } claimed)
            {
                running = claimed.Running;
                await runner.RunAsync(claimed.Row, running, stoppingToken);
            }
            else
            {
                await queue.WaitAsync(stoppingToken);
            }

            return true;
        }
        catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
        {
            logger.LogError(fault, "The training worker met a fault and will try again");
            return false;
        }
        finally
        {
            if (running is not null)
                queue.End(running);
        }
    }

    /// <summary>Whether the disk has no room for another job, which is said once.</summary>
    private bool IsShort()
    {
        string? shortage = space.ShortageOrNull();
        if (shortage is not null && queue.Shortage is null)
            logger.LogWarning("No training job is begun: {Shortage}", shortage);
        queue.Shortage = shortage;
        return shortage is not null;
    }
}
