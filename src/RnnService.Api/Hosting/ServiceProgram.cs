using Microsoft.Extensions.Options;
using RnnService.Api.Models;
using RnnService.Api.Storage;

namespace RnnService.Api.Hosting;

/// <summary>Runs the service to its end and turns the ways of ending into exit codes and messages that an operator can act on.</summary>
public static class ServiceProgram
{
    /// <summary>Runs until the process is asked to stop (0) or cannot start (1, with the reason on standard error). With --health it only asks a running service, with --verify-registry it only looks at its files.</summary>
    public static async Task<int> RunAsync(string[] arguments, Action<IServiceCollection, IConfiguration> addServices, Action<WebApplication> map)
    {
        try
        {
            var probe = HealthProbe.OrNull(arguments);
            var check = RegistryCheck.OrNull(arguments);
            var builder = WebApplication.CreateBuilder(new WebApplicationOptions
            {
                Args = probe?.OtherArguments ?? check?.OtherArguments ?? arguments,
                // Settings lie beside the program, wherever it is started from; data lies under the working directory.
                ContentRootPath = AppContext.BaseDirectory,
            });
            if (probe is not null) return await probe.RunAsync(ListenAddress.Local(builder.Configuration), Console.Out);
            if (check is not null) return await RegistryCheck.RunAsync(builder.Configuration, Console.Out);

            NativeAllocator.ReturnLargeBlocks();
            ListenAddress.Apply(builder);
            addServices(builder.Services, builder.Configuration);
            var app = builder.Build();
            map(app);
            var startup = app.Services.GetRequiredService<StartupRunner>();
            await app.RunAsync();
            startup.ThrowIfFailed();
            return 0;
        }
        catch (Exception refusal) when (refusal is StartupRefusedException or IOException or OptionsValidationException)
        {
            await Console.Error.WriteLineAsync($"The service cannot start. {refusal.Message}");
            return 1;
        }
    }
}
