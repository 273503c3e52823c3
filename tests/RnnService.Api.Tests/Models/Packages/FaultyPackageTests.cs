using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using RnnService.Api.Models.Packages;

namespace RnnService.Api.Tests.Models.Packages;

/// <summary>Whatever is wrong with a package is told by file, and nothing of it stays.</summary>
public sealed class FaultyPackageTests(TrainedPackages trained, FaultyPackageTests.Receiver receiver) : IClassFixture<TrainedPackages>, IClassFixture<FaultyPackageTests.Receiver>
{
    private const string Manifest = "manifest.json", Weights = "weights.safetensors", Tokenizer = "tokenizer.json", Report = "report.json", Note = "package.json", Whole = "package";

    private static readonly Dictionary<string, (string File, string Reason, Func<byte[], byte[]> Change)> s_faults = new()
    {
        ["one byte"] = (Whole, "too short", _ => [1]),
        ["text"] = (Whole, "not a zip", _ => Encoding.UTF8.GetBytes(new string('x', 5000))),
        ["cut off"] = (Whole, "cut off", package => package[..^7]),
        ["middle cut out"] = (Whole, "", package => [.. package[..200], .. package[300..]]),
        ["appended"] = (Whole, "cut off", package => [.. package, 0]),
        ["entry missing"] = (Whole, "4 entries", package => PackageBytes.Pack(PackageBytes.Unpack(package).Skip(1))),
        ["entry too many"] = (Whole, "6 entries", package => PackageBytes.Pack([.. PackageBytes.Unpack(package), ("../../evil", [1])])),
        ["entry outside"] = ("../weights.safetensors", "not a part", package => PackageBytes.Pack(PackageBytes.Unpack(package).Select(entry => (entry.Name == Weights ? "../" + Weights : entry.Name, entry.Content)))),
        ["entry twice"] = (Manifest, "more than once", package => PackageBytes.Pack(PackageBytes.Unpack(package).Select(entry => (entry.Name == Weights ? Manifest : entry.Name, entry.Content)))),
        ["many entries behind a small number"] = (Whole, "", ManyEntries),
        ["weights flipped"] = (Weights, "SHA-256", package => PackageBytes.With(package, Weights, Flip)),
        ["weights shorter"] = (Weights, "bytes; the manifest says", package => PackageBytes.With(package, Weights, content => content[..^4])),
        ["weights longer"] = (Weights, "more than", package => PackageBytes.With(package, Weights, content => [.. content, 0])),
        ["a bomb"] = (Weights, "more than", package => PackageBytes.With(package, Weights, _ => new byte[50_000_000])),
        ["a bomb that lies"] = (Weights, "", package => LyingLength(PackageBytes.With(package, Weights, _ => new byte[50_000_000]), PackageBytes.Unpack(package).Single(entry => entry.Name == Weights).Content.Length)),
        ["tokenizer flipped"] = (Tokenizer, "SHA-256", package => PackageBytes.With(package, Tokenizer, Flip)),
        ["report flipped"] = (Report, "SHA-256", package => PackageBytes.With(package, Report, Flip)),
        ["manifest no JSON"] = (Manifest, "not a readable manifest", package => PackageBytes.With(package, Manifest, content => content[..^3])),
        ["manifest of the future"] = (Manifest, "formatVersion 2", package => PackageBytes.WithJson(package, Manifest, manifest => manifest["formatVersion"] = 2)),
        ["manifest of more bytes than may be"] = (Manifest, "files.weights.safetensors.bytes", package => PackageBytes.WithJson(package, Manifest, manifest => File(manifest, Weights)["bytes"] = 1L << 40)),
        ["manifest of a report beyond all bounds"] = (Manifest, "files.report.json.bytes must be from 0 to 33554432", package => PackageBytes.WithJson(package, Manifest, manifest => File(manifest, Report)["bytes"] = 33_554_433)),
        ["manifest of a tokenizer beyond all bounds"] = (Manifest, "files.tokenizer.json.bytes must be from 0 to 67108864", package => PackageBytes.WithJson(package, Manifest, manifest => File(manifest, Tokenizer)["bytes"] = 67_108_865)),
        ["manifest of fewer bytes than none"] = (Manifest, "files.weights.safetensors.bytes", package => PackageBytes.WithJson(package, Manifest, manifest => File(manifest, Weights)["bytes"] = -1)),
        ["manifest that adds up wrong"] = (Manifest, "bytes must be", package => PackageBytes.WithJson(package, Manifest, manifest => manifest["bytes"] = 1)),
        ["manifest with a path for a job"] = (Manifest, "jobId", package => PackageBytes.WithJson(package, Manifest, manifest => manifest["jobId"] = "../x")),
        ["manifest with a null tag"] = (Manifest, "tags.a", package => PackageBytes.WithJson(package, Manifest, manifest => manifest["tags"] = new JsonObject { ["a"] = null })),
        ["manifest with a null label"] = (Manifest, "labels", package => PackageBytes.WithJson(package, Manifest, manifest => manifest["labels"] = new JsonArray("positive", null))),
        ["manifest with odd metrics"] = (Manifest, "metrics", package => PackageBytes.WithJson(package, Manifest, manifest => manifest["metrics"] = new JsonObject { ["a b"] = 1 })),
        ["manifest with a member that none has"] = (Manifest, "no manifest has: $.zzz", package => PackageBytes.WithJson(package, Manifest, manifest => manifest["zzz"] = 1)),
        ["manifest with a setting that none has"] = (Manifest, "no manifest has: $.training.zzz", package => PackageBytes.WithJson(package, Manifest, manifest => manifest["training"]!["zzz"] = 1)),
        ["epochs out of range"] = (Manifest, "training.epochs must be an integer from 1 to 10000; given -5", package => PackageBytes.WithJson(package, Manifest, manifest => manifest["training"]!["epochs"] = -5)),
        ["batch size out of range"] = (Manifest, "training.batchSize", package => PackageBytes.WithJson(package, Manifest, manifest => manifest["training"]!["batchSize"] = 0)),
        ["learning rate out of range"] = (Manifest, "training.learningRate", package => PackageBytes.WithJson(package, Manifest, manifest => manifest["training"]!["learningRate"] = -3)),
        ["no learning rate"] = (Manifest, "training.learningRate is required", package => PackageBytes.WithJson(package, Manifest, manifest => manifest["training"]!["learningRate"] = null)),
        ["a norm beyond all numbers"] = (Manifest, "training.gradientClipNorm", package => PackageBytes.With(package, Manifest, content => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(content).Replace("\"gradientClipNorm\": 5", "\"gradientClipNorm\": 1e999", StringComparison.Ordinal)))),
        ["a number of another optimizer"] = (Manifest, "training.momentum", package => PackageBytes.WithJson(package, Manifest, manifest => manifest["training"]!["momentum"] = 0.5)),
        ["dropout out of range"] = (Manifest, "architecture.dropout", package => PackageBytes.WithJson(package, Manifest, manifest => manifest["architecture"]!["dropout"] = 1)),
        ["two seeds"] = (Manifest, "seed", package => PackageBytes.WithJson(package, Manifest, manifest => manifest["seed"] = 77)),
        ["a split of less than nothing"] = (Manifest, "split.trainingSequences", package => PackageBytes.WithJson(package, Manifest, manifest => manifest["split"]!["trainingSequences"] = -1)),
        ["made in the future"] = (Manifest, "createdAt must not lie in the future", package => PackageBytes.WithJson(package, Manifest, manifest => manifest["createdAt"] = "9999-12-31T00:00:00.000Z")),
        ["no metrics"] = (Manifest, "metrics.accuracy is required", package => PackageBytes.WithJson(package, Manifest, manifest => manifest["metrics"] = new JsonObject())),
        ["metrics of nothing"] = (Manifest, "metrics.accuracy is required", package => PackageBytes.WithJson(package, Manifest, manifest => manifest["metrics"]!["accuracy"] = null)),
        ["metrics out of range"] = (Manifest, "metrics.accuracy must be from 0 to 1", package => PackageBytes.WithJson(package, Manifest, manifest => manifest["metrics"]!["accuracy"] = 1.5)),
        ["metrics below 0"] = (Manifest, "metrics.validationLoss", package => PackageBytes.WithJson(package, Manifest, manifest => manifest["metrics"]!["validationLoss"] = -1e308)),
        ["metrics other than the report's"] = (Report, "metrics must be those of the manifest", package => PackageBytes.WithJson(package, Manifest, manifest => manifest["metrics"]!["accuracy"] = 0.123)),
        ["another split"] = (Manifest, "split.method", package => PackageBytes.WithJson(package, Manifest, manifest => manifest["split"]!["method"] = "`whoami`")),
        ["wrong number of parameters"] = (Manifest, "parameters", package => PackageBytes.WithJson(package, Manifest, manifest => manifest["parameters"] = 7)),
        ["a network beyond all bounds"] = (Manifest, "hiddenSize", package => PackageBytes.WithJson(package, Manifest, manifest => manifest["architecture"]!["hiddenSize"] = 2_000_000_000)),
        ["a network that the weights cannot be"] = (Weights, "too few", package => PackageBytes.WithJson(package, Manifest, manifest => (manifest["architecture"]!["hiddenSize"], manifest["architecture"]!["layers"]) = (4096, 8))),
        ["a network of another shape"] = (Weights, "shape", package => PackageBytes.WithJson(package, Manifest, manifest => manifest["architecture"]!["embeddingSize"] = 3)),
        ["another pooling"] = (Manifest, "pooling", package => PackageBytes.WithJson(package, Manifest, manifest => manifest["architecture"]!["pooling"] = null)),
        ["another task"] = (Manifest, "", package => PackageBytes.WithJson(package, Manifest, manifest => manifest["task"] = "languageModel")),
        ["another vocabulary"] = (Tokenizer, "not the tokenizer", package => PackageBytes.WithJson(package, Manifest, manifest => manifest["tokenizer"]!["vocabularySize"] = -1)),
        ["right hashes, wrong weights"] = (Weights, "", package => PackageBytes.WithConsistent(package, Weights, content => [.. content, 0, 0, 0, 0])),
        ["right hashes, a weight that is not a number"] = (Weights, "not finite", package => PackageBytes.WithConsistent(package, Weights, content => PackageBytes.WithLastWeight(content, float.NaN))),
        ["right hashes, a weight without end"] = (Weights, "not finite", package => PackageBytes.WithConsistent(package, Weights, content => PackageBytes.WithLastWeight(content, float.NegativeInfinity))),
        ["right hashes, wrong tokenizer"] = (Tokenizer, "", package => PackageBytes.WithConsistent(package, Tokenizer, _ => "{}"u8.ToArray())),
        ["right hashes, wrong report"] = (Report, "readable report", package => PackageBytes.WithConsistent(package, Report, _ => "{}"u8.ToArray())),
        ["right hashes, more points than validations"] = (Report, "validations must be", package => PackageBytes.WithConsistent(package, Report, content => PackageBytes.Changed(content, report => report["validations"] = 0))),
        ["right hashes, a report with a gap"] = (Report, "null in it", package => PackageBytes.WithConsistent(package, Report, content => PackageBytes.Changed(content, report => report["curve"]!.AsArray().Add(null)))),
        ["right hashes, the report of another job"] = (Report, "another job", package => PackageBytes.WithConsistent(package, Report, content => PackageBytes.Changed(content, report => report["jobId"] = "other"))),
        ["right hashes, no learning curve"] = (Report, "learning curve", package => PackageBytes.WithConsistent(package, Report, content => PackageBytes.Changed(content, report => report["curve"] = new JsonArray()))),
        ["right hashes, a tokenizer too large for its tokens"] = (Manifest, "files.tokenizer.json.bytes must be at most", package => PackageBytes.WithConsistent(package, Tokenizer, content => [.. Enumerable.Repeat((byte)' ', 100_000), .. content])),
        ["right hashes, a report with a member that none has"] = (Report, "unknown", package => PackageBytes.WithConsistent(package, Report, content => PackageBytes.Changed(content, report => report["zzz"] = 1))),
        ["right hashes, an epoch before the first"] = (Report, "curve[0].epoch must be from 1 to 1; given -1", package => PackageBytes.WithConsistent(package, Report, content => PackageBytes.Changed(content, report => report["curve"]![0]!["epoch"] = -1))),
        ["right hashes, a loss beyond all bounds"] = (Report, "curve[0].validationLoss", package => PackageBytes.WithConsistent(package, Report, content => PackageBytes.Changed(content, report => report["curve"]![0]!["validationLoss"] = 1e308))),
        ["right hashes, the best of epochs that were not"] = (Report, "bestEpoch", package => PackageBytes.WithConsistent(package, Report, content => PackageBytes.Changed(content, report => report["bestEpoch"] = 0))),
        ["note with a member that none has"] = (Note, "unknown", package => PackageBytes.WithJson(package, Note, note => note["zzz"] = 1)),
        ["note no JSON"] = (Note, "not the note", package => PackageBytes.With(package, Note, _ => "["u8.ToArray())),
        ["note null"] = (Note, "not the note", package => PackageBytes.With(package, Note, _ => "null"u8.ToArray())),
        ["note of the future"] = (Note, "formatVersion", package => PackageBytes.WithJson(package, Note, note => note["formatVersion"] = 2)),
        ["note with a path"] = (Note, "model", package => PackageBytes.WithJson(package, Note, note => note["model"] = "../../etc")),
        ["note with a null tag"] = (Note, "tags.a", package => PackageBytes.WithJson(package, Note, note => note["tags"] = new JsonObject { ["a"] = null })),
        ["note with too much to say"] = (Note, "description", package => PackageBytes.WithJson(package, Note, note => note["description"] = new string('x', 4097))),
    };

    public static TheoryData<string> Names => [.. s_faults.Keys];

    [Theory, MemberData(nameof(Names))]
    public async Task A_faulty_package_is_refused_by_file_and_leaves_nothing(string name)
    {
        var (file, reason, change) = s_faults[name];
        var other = receiver.Host;
        var problem = await other.ImportAsync(change(trained.Opinions), 422);
        Assert.Equal(("/problems/faulty-package", "The package cannot be imported"), ((string?)problem["type"], (string?)problem["title"]));
        var faults = problem["faults"]!.AsArray();
        Assert.Contains(faults, fault => (string?)fault!["file"] == file && ((string)fault["reason"]!).Contains(reason, StringComparison.Ordinal));
        Assert.DoesNotContain(other.Root, problem.ToJsonString(), StringComparison.Ordinal);
        Assert.Empty((await other.GetAsync("/api/v1/models"))["items"]!.AsArray());
        Assert.Empty(other.Staged());
    }

    [Fact]
    public async Task No_package_at_all_is_a_bad_request()
    {
        Assert.Equal(["$"], ServiceHost.Errors(await receiver.Host.ImportAsync([], 400)).Keys);
        using var form = new MultipartFormDataContent { { PackageBytes.Content([]), "file", "empty.zip" } };
        Assert.Equal(["$"], ServiceHost.Errors(await receiver.Host.SendAsync(HttpMethod.Post, PackageBytes.Import, form, 400)).Keys);
        Assert.Empty(receiver.Host.Staged());
    }

    [Fact]
    public async Task All_that_is_wrong_is_told_at_once()
    {
        byte[] package = PackageBytes.With(PackageBytes.With(PackageBytes.WithJson(trained.Opinions, Note, note => note["version"] = 0), Weights, Flip), Report, Flip);
        var problem = await receiver.Host.ImportAsync(package, 422);
        Assert.Equal([Note, Report, Weights], problem["faults"]!.AsArray().Select(fault => (string)fault!["file"]!).Order());
    }

    [Fact]
    public async Task An_archive_with_any_byte_of_its_headers_changed_is_refused_or_read_and_never_breaks_the_reader()
    {
        var reader = receiver.Host.Services.GetRequiredService<PackageReader>();
        using var folder = new TemporaryFolder();
        byte[] package = trained.Opinions;
        int directory = BinaryPrimitives.ReadInt32LittleEndian(package.AsSpan(package.Length - 6));
        int[] places = [.. Enumerable.Range(0, 30), .. Enumerable.Range(directory, package.Length - directory)];
        int refused = 0;
        foreach (int place in places.Where((_, index) => index % 2 == 0))
        {
            byte[] changed = [.. package];
            changed[place] = (byte)(place % 3 == 0 ? 0xFF : changed[place] ^ 1);
            string path = folder[$"{place}.zip"];
            await System.IO.File.WriteAllBytesAsync(path, changed);
            var outcome = await reader.ReadAsync(path, 100_000_000, CancellationToken.None);
            outcome.Package?.Version.Discard();
            refused += outcome.Package is null ? 1 : 0;
            Assert.Equal(outcome.Package is null, outcome.Faults.Count > 0);
        }

        // Lengths, places, names and signatures matter; times and versions don't.
        Assert.InRange(refused, places.Length / 8, places.Length / 2);
        Assert.Empty(receiver.Host.Staged());
    }

    private static byte[] Flip(byte[] content)
    {
        byte[] flipped = [.. content];
        flipped[^1] ^= 1;
        return flipped;
    }

    private static JsonNode File(JsonObject manifest, string name) => manifest["files"]!.AsArray().Single(file => (string?)file!["name"] == name)!;

    /// <summary>An archive of 10,000 entries whose end says that there are five.</summary>
    private static byte[] ManyEntries(byte[] package)
    {
        byte[] many = PackageBytes.Pack([.. PackageBytes.Unpack(package), .. Enumerable.Range(0, 10_000).Select(i => ($"e{i}", Array.Empty<byte>()))], CompressionLevel.NoCompression);
        BinaryPrimitives.WriteUInt16LittleEndian(many.AsSpan(many.Length - 12), 5);
        BinaryPrimitives.WriteUInt16LittleEndian(many.AsSpan(many.Length - 14), 5);
        return many;
    }

    /// <summary>An archive whose directory says that the weights, its last entry, have another length than they unpack to.</summary>
    private static byte[] LyingLength(byte[] package, int length)
    {
        int at = package.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
        BinaryPrimitives.WriteInt32LittleEndian(package.AsSpan(at + 24), length);
        return package;
    }

    /// <summary>A service that stays empty.</summary>
    public sealed class Receiver : IAsyncLifetime
    {
        public ServiceHost Host { get; private set; } = null!;

        public async Task InitializeAsync() => Host = await ServiceHost.StartAsync(new Dictionary<string, string?> { ["Models:MaxImportBytes"] = "100000000" });

        public Task DisposeAsync() => Host.DisposeAsync().AsTask();
    }
}
