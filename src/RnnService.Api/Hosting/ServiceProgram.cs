using RnnService.Api.Storage;

namespace RnnService.Api.Hosting;

/// <summary>Runs the service to its end and turns the ways of ending into exit codes and messages that an operator can act on.</summary>
public static class ServiceProgram
{
    /// <summary>Runs until the process is asked to stop (0) or cannot start (1, with the reason on standard error).</summary>
    public static async Task<int> RunServiceAsync(this WebApplication app)
    {
        try
        {
            var startup = app.Services.GetRequiredService<StartupRunner>();
            await app.RunAsync();
            startup.ThrowIfFailed();
            return 0;
        }
        catch (Exception refusal) when (refusal is StartupRefusedException or IOException or Microsoft.Extensions.Options.OptionsValidationException)
        {
            await Console.Error.WriteLineAsync($"The service cannot start. {refusal.Message}");
            return 1;
        }
    }
}
