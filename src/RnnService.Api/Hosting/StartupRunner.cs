using System.Runtime.ExceptionServices;
using RnnService.Api.Storage;

namespace RnnService.Api.Hosting;

/// <summary>Runs the start-up work while the service already answers /health/live. Where it fails, the service stops and its start ends with the failure.</summary>
internal sealed class StartupRunner(
    IEnumerable<IStartupTask> tasks,
    DataDirectory data,
    ServiceReadiness readiness,
    IHostApplicationLifetime lifetime,
    ILogger<StartupRunner> logger) : BackgroundService
{
    /// <summary>Rethrows what made start-up work fail, once the host has stopped.</summary>
    public void ThrowIfFailed() => _failure?.Throw();

    private ExceptionDispatchInfo? _failure;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            // Off the thread that starts the host: some of the work does not yield.
            await Task.Yield();
            foreach (var task in tasks.OrderBy(task => task.Stage)) await task.RunAsync(stoppingToken);
            readiness.SetStarted();
            logger.LogInformation("Ready; data in {Root}", data.Root);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped before it was ready: nothing to report.
        }
        catch (Exception failure)
        {
            _failure = ExceptionDispatchInfo.Capture(failure);
            lifetime.StopApplication();
        }
    }
}
