using Microsoft.Extensions.Options;
using RnnService.Api.Hosting;

namespace RnnService.Api.TrainingJobs;

/// <summary>Forgets jobs that ended long ago. The versions that they made stay.</summary>
internal sealed class JobRetention(TrainingJobStore jobs, ServiceReadiness readiness, IOptions<TrainingOptions> options, TimeProvider time, ILogger<JobRetention> logger) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.WaitUntilStartedAsync(stoppingToken);
        using var timer = new PeriodicTimer(s_interval, time);
        do
        {
            try
            {
                int forgotten = await jobs.DeleteEndedBeforeAsync(time.GetUtcNow().AddDays(-options.Value.KeepJobsDays), stoppingToken);
                if (forgotten > 0)
                    logger.LogInformation("Forgot {Count} training jobs that ended more than {Days} days ago", forgotten, options.Value.KeepJobsDays);
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogError(fault, "Old training jobs could not be removed; it is tried again in an hour");
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
