using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace RnnService.Api.Tests;

/// <summary>The README is what a newcomer follows: its commands are run as they are written, and what it names must be there.</summary>
public sealed class ReadmeTests : IDisposable
{
    private const string WrittenAddress = "http://localhost:5080";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task The_tour_works_as_written()
    {
        await using var service = ServiceProcess.Start(_folder.Path);
        await service.WaitUntilReadyAsync();
        var answers = new List<JsonNode>();
        foreach (var block in Blocks().Where(block => block.Contains("curl", StringComparison.Ordinal)))
        {
            answers.AddRange(await RunAsync(block.Replace(WrittenAddress, service.Client.BaseAddress!.ToString().TrimEnd('/'), StringComparison.Ordinal)));
            await WaitForJobsAsync(service);
        }

        Assert.All(answers, answer => Assert.True(answer["title"] is null, answer.ToJsonString()));
        var samples = answers.Where(answer => answer["samples"] is not null).ToArray();
        Assert.Equal([10, 3], samples.Select(answer => answer["samples"]!.AsArray().Count));
        Assert.All(samples[0]["samples"]!.AsArray(), sample => Assert.NotEmpty((string)sample!["text"]!));
        // A name may end with its prompt: the end mark alone is a continuation too.
        Assert.All(samples[1]["samples"]!.AsArray(), sample => Assert.True((int)sample!["tokens"]! >= 1, sample.ToJsonString()));
        var results = answers.Where(answer => answer["results"] is not null).SelectMany(answer => answer["results"]!.AsArray()).ToArray();
        Assert.Equal(3, results.Length);
        Assert.All(results, result => Assert.Contains((string?)result!["label"], new[] { "positive", "negative" }));
        Assert.Contains(answers, answer => (string?)answer["name"] == "colours" && (int?)answer["statistics"]!["sequences"] == 4);
    }

    [Fact]
    public void Every_file_that_the_documents_link_to_exists()
    {
        var broken = new List<string>();
        foreach (var document in new[] { "README.md" }.Concat(Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)))
        {
            var path = Path.Combine(Repository.Root, document);
            foreach (Match link in Regex.Matches(File.ReadAllText(path), @"\]\((?<target>[^)#:]+)\)"))
            {
                var target = Path.Combine(Path.GetDirectoryName(path)!, link.Groups["target"].Value);
                if (!File.Exists(target) && !Directory.Exists(target)) broken.Add($"{document}: {link.Groups["target"].Value}");
            }
        }

        Assert.Empty(broken);
    }

    [Fact]
    public void Every_folder_of_the_sources_has_its_line_in_the_structure_page()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "code-structure.md"));
        var folders = Directory.GetDirectories(Path.Combine(Repository.Root, "src"))
            .SelectMany(project => Directory.GetDirectories(project).Where(folder => Path.GetFileName(folder) is not ("bin" or "obj")).Prepend(project))
            .Select(folder => Path.GetRelativePath(Repository.Root, folder).Replace('\\', '/'));
        Assert.All(folders, folder => Assert.Contains($"`{folder}`", page, StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Dispose();

    private static IEnumerable<string> Blocks() =>
        Regex.Matches(File.ReadAllText(Path.Combine(Repository.Root, "README.md")), "```bash\n(?<code>.*?)```", RegexOptions.Singleline).Select(match => match.Groups["code"].Value);

    private static async Task<IReadOnlyList<JsonNode>> RunAsync(string commands)
    {
        var start = new ProcessStartInfo("bash") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { "-e", "-o", "pipefail", "-c", commands }) start.ArgumentList.Add(argument);
        using var bash = Process.Start(start)!;
        var errors = bash.StandardError.ReadToEndAsync();
        var output = await bash.StandardOutput.ReadToEndAsync();
        await bash.WaitForExitAsync();
        Assert.True(bash.ExitCode == 0, $"{commands}ended with {bash.ExitCode}: {output} {await errors}");
        return Values(Encoding.UTF8.GetBytes(output));
    }

    /// <summary>Each command writes one JSON value, with nothing between them.</summary>
    private static List<JsonNode> Values(byte[] output)
    {
        var values = new List<JsonNode>();
        var reader = new Utf8JsonReader(output, new JsonReaderOptions { AllowMultipleValues = true });
        while (reader.Read()) values.Add(JsonNode.Parse(ref reader)!);
        return values;
    }

    private static async Task WaitForJobsAsync(ServiceProcess service)
    {
        for (var watch = Stopwatch.StartNew(); ; await Task.Delay(100))
        {
            var jobs = (await service.Client.GetFromJsonAsync<JsonNode>(new Uri("/api/v1/training-jobs", UriKind.Relative)))!["items"]!.AsArray();
            if (jobs.All(job => (string?)job!["status"] is not ("queued" or "running"))) return;
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(120), "The tour's training takes too long:\n" + service.Output);
        }
    }
}
