namespace RnnService.Api.Hosting;

/// <summary>The executable's argument --health: asks the running service how it is, for containers without other tools.</summary>
/// <param name="Subject">What to ask for: "live", or "ready" where only --health is given.</param>
/// <param name="OtherArguments">The arguments without --health.</param>
public sealed record HealthProbe(string Subject, string[] OtherArguments)
{
    private const string Argument = "--health";

    /// <summary>The probe that the arguments --health, --health=live or --health=ready ask for; null where they ask for none.</summary>
    public static HealthProbe? OrNull(string[] arguments)
    {
        var own = Array.Find(arguments, argument => argument is Argument or $"{Argument}=live" or $"{Argument}=ready");
        return own is null ? null : new HealthProbe(own.EndsWith("=live", StringComparison.Ordinal) ? "live" : "ready", [.. arguments.Where(argument => argument != own)]);
    }

    /// <summary>Asks the service at <paramref name="address"/>; the exit code: 0 for yes, 1 for no.</summary>
    public async Task<int> RunAsync(Uri address, TextWriter output)
    {
        using var client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            using var response = await client.GetAsync(new Uri($"/health/{Subject}", UriKind.Relative));
            await output.WriteLineAsync(response.IsSuccessStatusCode ? Subject : $"not {Subject}: {(int)response.StatusCode}");
            return response.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
        {
            await output.WriteLineAsync($"not {Subject}: no answer from {address}: {failure.Message}");
            return 1;
        }
    }
}
