using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RnnService.Api.Storage;

namespace RnnService.Api.Models;

/// <summary>
/// The executable's argument --verify-registry: hashes every file of every version and every dataset below the data folder and says what is damaged. Starts no service and changes nothing, so it may run beside one.
/// </summary>
/// <param name="OtherArguments">The arguments without --verify-registry.</param>
public sealed record RegistryCheck(string[] OtherArguments)
{
    private const string Argument = "--verify-registry";
    private const int HashLength = 64;

    /// <summary>The check that the arguments ask for; null where they ask for none.</summary>
    public static RegistryCheck? OrNull(string[] arguments) => arguments.Contains(Argument) ? new RegistryCheck([.. arguments.Where(argument => argument != Argument)]) : null;

    /// <summary>Runs until everything is checked or a signal (Ctrl+C, SIGTERM) ends it; the exit code: 0 where all is whole, 1 where something is damaged or was not looked at.</summary>
    public static async Task<int> RunAsync(IConfiguration configuration, TextWriter output)
    {
        using var end = new CancellationTokenSource();
        void End(PosixSignalContext signal)
        {
            signal.Cancel = true;
            end.Cancel();
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        var storage = configuration.GetSection(StorageOptions.Section).Get<StorageOptions>() ?? new StorageOptions();
        return await RunAsync(Path.GetFullPath(storage.Root), output, end.Token);
    }

    /// <summary>Checks a data folder.</summary>
    public static async Task<int> RunAsync(string root, TextWriter output, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(root))
        {
            await output.WriteLineAsync($"There is no data folder {root}. Set Storage:Root (environment: Storage__Root) to that of the service.");
            return 1;
        }

        var parts = Versions(Path.Combine(root, "models")).Concat(Datasets(Path.Combine(root, "datasets"))).ToList();
        int done = 0, damaged = 0;
        try
        {
            foreach (var part in parts)
            {
                var damages = await DamagesOrNullAsync(part, cancellationToken);
                string place = string.Create(CultureInfo.InvariantCulture, $"[{++done}/{parts.Count}]");
                if (damages is not { Count: > 0 })
                {
                    await output.WriteLineAsync($"{place} {(damages is null ? "deleted" : "ok")} {part.Name}");
                    continue;
                }

                damaged++;
                foreach (var damage in damages)
                    await output.WriteLineAsync($"{place} damaged {part.Name}: {damage.File} {damage.Reason}");
            }
        }
        catch (OperationCanceledException)
        {
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Ended early: {done} of {parts.Count} checked, {damaged} of them damaged."));
            return 1;
        }

        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{parts.Count} versions and datasets checked, {damaged} damaged."));
        return damaged == 0 ? 0 : 1;
    }

    /// <summary>What is damaged of a part; null where the service deleted it in the meantime.</summary>
    private static async Task<IReadOnlyList<VersionDamage>?> DamagesOrNullAsync(Part part, CancellationToken cancellationToken)
    {
        try
        {
            var damages = await part.FindDamagesAsync(cancellationToken);
            return damages.Count > 0 && !Directory.Exists(part.Folder) ? null : damages;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return Directory.Exists(part.Folder) ? [new VersionDamage("a file", $"cannot be read: {unreadable.Message}")] : null;
        }
    }

    private static IEnumerable<Part> Versions(string models) => !Directory.Exists(models) ? [] :
        ModelFolders.ListAll(models).Select(version => new Part(new ModelReference(version.Model, version.Version, null).ToString(), version.Folder.Path, version.Folder.FindDamagesAsync));

    /// <summary>A dataset's content has its hash for the name of its folder.</summary>
    private static IEnumerable<Part> Datasets(string datasets) => !Directory.Exists(datasets) ? [] :
        from folder in Directory.EnumerateDirectories(datasets).Order(StringComparer.Ordinal)
        let hash = Path.GetFileName(folder)
        where hash.Length == HashLength && hash.All(char.IsAsciiHexDigitLower)
        select new Part($"dataset {hash}", folder, async cancellationToken =>
        {
            string content = Path.Combine(folder, "content");
            if (!File.Exists(content))
                return [new VersionDamage("content", "is missing")];
            await using var stream = File.OpenRead(content);
            string found = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
            return found == hash ? [] : [new VersionDamage("content", $"has the SHA-256 {found}; its folder says {hash}")];
        });

    private sealed record Part(string Name, string Folder, Func<CancellationToken, Task<IReadOnlyList<VersionDamage>>> FindDamagesAsync);
}
