using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using RnnService.Api.Tests.TrainingJobs;
using SequenceModels.Text;

namespace RnnService.Api.Tests.Models;

/// <summary>A trained model leaves the service as an ONNX file and says elsewhere what it says here.</summary>
public sealed class OnnxDownloadTests
{
    private const string Models = "/api/v1/models";

    [Theory]
    [InlineData("mean", true, 2)]
    [InlineData("max", false, 1)]
    [InlineData("last", true, 1)]
    public async Task A_classifier_s_file_gives_the_probabilities_that_the_service_gives(string pooling, bool bidirectional, int layers)
    {
        await using var host = await ServiceHost.StartAsync();
        var job = TinyJobs.Classifier();
        job["architecture"]!["pooling"] = pooling;
        job["architecture"]!["bidirectional"] = bidirectional;
        job["architecture"]!["layers"] = layers;
        await host.TrainAsync(job);
        using var session = new InferenceSession(await DownloadAsync(host, "opinions"));
        var tokenizer = await TokenizerAsync(host, "opinions");
        string[] labels = JsonSerializer.Deserialize<string[]>(session.ModelMetadata.CustomMetadataMap["labels"])!;
        int longest = int.Parse(session.ModelMetadata.CustomMetadataMap["maximumTokens"], CultureInfo.InvariantCulture);
        string[] texts = ["golf is good", "hotel", "india is bad bad bad"];

        var results = (await host.PostAsync($"{Models}/opinions/classify", new { texts }))["results"]!.AsArray();
        int[][] rows = [.. texts.Select(text => tokenizer.Encode(text).Take(longest).ToArray())];
        int time = rows.Max(row => row.Length);
        var tokens = new DenseTensor<long>([time, rows.Length]);
        for (int row = 0; row < rows.Length; row++)
        {
            for (int t = 0; t < rows[row].Length; t++)
                tokens[t, row] = rows[row][t];
        }

        var lengths = new DenseTensor<int>(rows.Select(row => row.Length).ToArray(), [rows.Length]);
        using var run = session.Run([NamedOnnxValue.CreateFromTensor("tokens", tokens), NamedOnnxValue.CreateFromTensor("lengths", lengths)]);
        var probabilities = run.Single().AsTensor<float>();
        Assert.Equal(["negative", "positive"], labels);
        Assert.Contains(results, result => (bool)result!["truncated"]!);
        for (int row = 0; row < rows.Length; row++)
        {
            for (int label = 0; label < labels.Length; label++)
                Assert.Equal((double)results[row]!["probabilities"]![labels[label]]!, probabilities[row, label], 1e-5);
        }
    }

    [Fact]
    public async Task A_language_model_s_file_gives_the_probabilities_of_the_texts_that_the_service_draws()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.TrainAsync(TinyJobs.LanguageModel());
        using var session = new InferenceSession(await DownloadAsync(host, "lines"));
        var tokenizer = await TokenizerAsync(host, "lines");
        int start = int.Parse(session.ModelMetadata.CustomMetadataMap["startToken"], CultureInfo.InvariantCulture);
        int states = session.InputMetadata["h0"].Dimensions[2];

        var samples = (await host.GetAsync($"{Models}/lines/sample?n=5&seed=3"))["samples"]!.AsArray();
        foreach (var sample in samples)
        {
            List<int> tokens = [start, .. tokenizer.Encode((string)sample!["text"]!)];
            if ((string?)sample["finishReason"] == "endOfSequence")
                tokens.Add(tokenizer.Vocabulary.End!.Value);
            Assert.Equal(tokens.Count - 1, (int)sample["tokens"]!);
            using var run = session.Run([
                NamedOnnxValue.CreateFromTensor("tokens", new DenseTensor<long>(tokens.SkipLast(1).Select(token => (long)token).ToArray(), [tokens.Count - 1, 1])),
                NamedOnnxValue.CreateFromTensor("h0", new DenseTensor<float>([1, 1, states])),
                NamedOnnxValue.CreateFromTensor("c0", new DenseTensor<float>([1, 1, states]))]);
            var logits = run.Single(output => output.Name == "logits").AsTensor<float>();
            double sum = 0;
            for (int t = 0; t + 1 < tokens.Count; t++)
            {
                double total = Enumerable.Range(0, tokenizer.Vocabulary.Count).Sum(token => Math.Exp(logits[t, 0, token]));
                sum += logits[t, 0, tokens[t + 1]] - Math.Log(total);
            }

            Assert.Equal((double)sample["logProbability"]!, sum, 1e-5 * tokens.Count);
        }
    }

    [Fact]
    public async Task The_file_is_the_same_each_time_and_has_its_hash_as_ETag()
    {
        using var folder = new TemporaryFolder();
        byte[] bytes;
        await using (var host = await ServiceHost.StartAsync(root: folder.Path))
        {
            await host.TrainAsync(TinyJobs.LanguageModel("names"));
            await host.TrainAsync(TinyJobs.LanguageModel("others"));
            using var response = await host.Client.GetAsync(Address("names"));
            bytes = await response.Content.ReadAsByteArrayAsync();
            Assert.Equal("application/octet-stream", response.Content.Headers.ContentType?.MediaType);
            Assert.Equal($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))}\"", response.Headers.ETag?.Tag);

            using var conditional = new HttpRequestMessage(HttpMethod.Get, Address("names"));
            conditional.Headers.IfNoneMatch.Add(response.Headers.ETag!);
            using var unchanged = await host.Client.SendAsync(conditional);
            Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);

            using var ranged = new HttpRequestMessage(HttpMethod.Get, Address("names")) { Headers = { Range = new RangeHeaderValue(2, 9) } };
            using var part = await host.Client.SendAsync(ranged);
            Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
            Assert.Equal(bytes[2..10], await part.Content.ReadAsByteArrayAsync());

            // Equal training gives equal bytes, under whatever name.
            Assert.Equal(bytes, await DownloadAsync(host, "others"));
            var files = (await host.GetAsync($"{Models}/names/versions/1"))["files"]!.AsArray().Select(file => (string?)file!["name"]);
            Assert.DoesNotContain("model.onnx", files);
        }

        // What was derived goes with the process, once the last answer has let go of it, and is made again by the next one.
        for (int i = 0; i < 200 && Directory.EnumerateFileSystemEntries(Path.Combine(folder.Path, "staging")).Any(); i++)
            await Task.Delay(50);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(folder.Path, "staging")));
        await using var again = await ServiceHost.StartAsync(root: folder.Path);
        byte[][] downloads = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => DownloadAsync(again, "names")));
        Assert.All(downloads, download => Assert.Equal(bytes, download));
    }

    [Fact]
    public async Task A_version_that_was_deleted_or_damaged_has_no_file_any_more()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.TrainAsync(TinyJobs.LanguageModel("names"));
        await host.TrainAsync(TinyJobs.LanguageModel("others"));
        await DownloadAsync(host, "names");
        await DownloadAsync(host, "others");
        string staging = Path.Combine(host.Root, "staging");
        Assert.Equal(2, Directory.EnumerateFileSystemEntries(staging).Count());

        await host.DeleteAsync($"{Models}/names/versions/1");
        await host.GetAsync(Address("names").ToString(), 404);
        Assert.Single(Directory.EnumerateFileSystemEntries(staging));
        await File.AppendAllTextAsync(Path.Combine(host.Root, "models", "others", "1", "weights.safetensors"), "x");
        Assert.Equal("/problems/damaged-version", (string?)(await host.GetAsync(Address("others").ToString(), 500))["type"]);
        await host.DeleteAsync($"{Models}/others");
        Assert.Empty(Directory.EnumerateFileSystemEntries(staging));
        await host.GetAsync($"{Models}/nobody/versions/1/files/model.onnx", 404);
        await host.GetAsync($"{Models}/nobody/versions/x/files/model.onnx", 400);
    }

    private static Uri Address(string model) => new($"{Models}/{model}/versions/1/files/model.onnx", UriKind.Relative);

    private static Task<byte[]> DownloadAsync(ServiceHost host, string model) => host.Client.GetByteArrayAsync(Address(model));

    private static async Task<ITokenizer> TokenizerAsync(ServiceHost host, string model)
    {
        await using var content = await host.Client.GetStreamAsync(new Uri($"{Models}/{model}/versions/1/files/tokenizer.json", UriKind.Relative));
        using var copy = new MemoryStream();
        await content.CopyToAsync(copy);
        copy.Position = 0;
        return Tokenizers.Load(copy);
    }
}
