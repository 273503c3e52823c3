using RnnService.Api.Hosting;

namespace RnnService.Api.TrainingJobs;

/// <summary>Runs the jobs, oldest first, one after the other. A job that the process' end interrupted is simply the oldest one at the next start.</summary>
internal sealed class TrainingWorker(TrainingJobStore jobs, TrainingDesk queue, JobRunner runner, ServiceReadiness readiness, TimeProvider time, ILogger<TrainingWorker> logger) : BackgroundService
{
    /// <summary>How long to wait after a fault of the service itself, such as a full disk.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await readiness.WaitUntilStartedAsync(stoppingToken);
            while (!stoppingToken.IsCancellationRequested)
            {
                if (!await TryRunNextAsync(stoppingToken))
                    await Task.Delay(s_pause, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process stops; a job that was running is still marked so, and is taken up at the next start.
        }
    }

    /// <summary>Runs the next job or waits for one; false after a fault.</summary>
    private async Task<bool> TryRunNextAsync(CancellationToken stoppingToken)
    {
        try
        {
            if (await jobs.ClaimOrNullAsync(stoppingToken) is { } claimed)
                await runner.RunAsync(claimed.Row, claimed.Running, stoppingToken);
            else
                await queue.WaitAsync(stoppingToken);
            return true;
        }
        catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
        {
            logger.LogError(fault, "The training worker met a fault and will try again");
            return false;
        }
        finally
        {
            queue.End();
        }
    }
}
