namespace RnnService.Api.Hosting;

/// <summary>The executable's argument --health: asks the running service how it is, for containers without other tools.</summary>
public static class HealthProbe
{
    private const string Argument = "--health";

    /// <summary>What to ask for: "live" or "ready" (if only --health is given); null where the arguments ask for no probe.</summary>
    public static string? SubjectOrNull(IReadOnlyList<string> arguments)
    {
        for (var index = 0; index < arguments.Count; index++)
        {
            if (arguments[index] == Argument) return index + 1 < arguments.Count && arguments[index + 1] == "live" ? "live" : "ready";
            if (arguments[index].StartsWith(Argument + "=", StringComparison.Ordinal)) return arguments[index].EndsWith("=live", StringComparison.Ordinal) ? "live" : "ready";
        }

        return null;
    }

    /// <summary>Asks the service at <paramref name="address"/>; the exit code: 0 for yes, 1 for no.</summary>
    public static async Task<int> RunAsync(string subject, Uri address, TextWriter output)
    {
        using var client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            using var response = await client.GetAsync(new Uri($"/health/{subject}", UriKind.Relative));
            await output.WriteLineAsync(response.IsSuccessStatusCode ? subject : $"not {subject}: {(int)response.StatusCode}");
            return response.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
        {
            await output.WriteLineAsync($"not {subject}: no answer from {address}: {failure.Message}");
            return 1;
        }
    }
}
