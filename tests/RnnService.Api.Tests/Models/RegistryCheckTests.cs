using RnnService.Api.Models;

namespace RnnService.Api.Tests.Models;

/// <summary>What --verify-registry says of a data folder.</summary>
public sealed class RegistryCheckTests(DamagedVersionTests.TwoVersions trained) : IClassFixture<DamagedVersionTests.TwoVersions>
{
    [Fact]
    public async Task A_folder_that_is_whole_is_told_so_part_by_part()
    {
        using var folder = trained.Copy();
        var (code, lines) = await RunAsync(folder.Path);
        Assert.Equal(0, code);
        Assert.Equal(["[1/3] ok names:1", "[2/3] ok names:2"], lines[..2]);
        Assert.StartsWith("[3/3] ok dataset ", lines[2], StringComparison.Ordinal);
        Assert.Equal("3 versions and datasets checked, 0 damaged.", lines[^1]);
    }

    [Fact]
    public async Task All_that_is_damaged_is_told_by_file_with_what_was_expected_and_found()
    {
        using var folder = trained.Copy();
        string version = Path.Combine(folder.Path, "models", "names", "2");
        File.AppendAllText(Path.Combine(version, "report.json"), " ");
        Flip(Path.Combine(version, "weights.safetensors"));
        File.Delete(Path.Combine(folder.Path, "models", "names", "1", "manifest.json"));
        string dataset = Directory.GetDirectories(Path.Combine(folder.Path, "datasets")).Single();
        Flip(Path.Combine(dataset, "content"));

        var (code, lines) = await RunAsync(folder.Path);
        Assert.Equal(1, code);
        Assert.Equal("[1/3] damaged names:1: manifest.json is missing", lines[0]);
        Assert.Matches("^\\[2/3\\] damaged names:2: weights.safetensors has the SHA-256 [0-9a-f]{64}; the manifest says [0-9a-f]{64}$", lines[1]);
        Assert.Matches("^\\[2/3\\] damaged names:2: report.json has [0-9]+ bytes; the manifest says [0-9]+$", lines[2]);
        Assert.Matches($"^\\[3/3\\] damaged dataset {Path.GetFileName(dataset)}: content has the SHA-256 [0-9a-f]{{64}}; its folder says {Path.GetFileName(dataset)}$", lines[3]);
        Assert.Equal("3 versions and datasets checked, 3 damaged.", lines[^1]);
    }

    [Fact]
    public async Task It_runs_beside_a_service_changes_nothing_and_ends_early_when_asked_to()
    {
        using var folder = trained.Copy();
        await using var host = await ServiceHost.StartAsync(root: folder.Path);
        Assert.Equal(0, (await RunAsync(folder.Path)).Code);
        Assert.Equal(1, (int)(await host.GetAsync("/api/v1/models/names:1/sample"))["version"]!);

        var (code, lines) = await RunAsync(folder.Path, new CancellationToken(canceled: true));
        Assert.Equal((1, "Ended early: 0 of 3 checked, 0 of them damaged."), (code, lines.Single()));
    }

    [Fact]
    public async Task The_executable_checks_the_folder_of_its_settings_and_exits_with_0_or_1_without_serving()
    {
        using var folder = trained.Copy();
        string root = $"--Storage:Root={folder.Path}";
        Assert.Equal(0, await ExitCodeAsync("--verify-registry", root));
        Flip(Path.Combine(folder.Path, "models", "names", "1", "tokenizer.json"));
        Assert.Equal(1, await ExitCodeAsync("--verify-registry", root));
        Assert.Equal(1, await ExitCodeAsync("--verify-registry", $"--Storage:Root={folder.Path}/none"));
        Assert.False(Directory.Exists(folder["none"]));
    }

    private static async Task<int> ExitCodeAsync(params string[] arguments)
    {
        await using var process = ServiceProcess.StartPlain(null, arguments);
        int code = await process.WaitForExitAsync();
        Assert.DoesNotContain("   at ", process.Output, StringComparison.Ordinal);
        return code;
    }

    private static async Task<(int Code, string[] Lines)> RunAsync(string root, CancellationToken cancellationToken = default)
    {
        await using var output = new StringWriter();
        int code = await RegistryCheck.RunAsync(root, output, cancellationToken);
        return (code, output.ToString().TrimEnd().ReplaceLineEndings("\n").Split('\n'));
    }

    private static void Flip(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
    }
}
