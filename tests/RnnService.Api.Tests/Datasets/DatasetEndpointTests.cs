using System.Net;
using Microsoft.Extensions.DependencyInjection;
using RnnService.Api.Datasets;

namespace RnnService.Api.Tests.Datasets;

public sealed class DatasetEndpointTests
{
    [Fact]
    public async Task The_list_is_in_the_order_of_names_and_comes_in_pages()
    {
        await using var host = await ServiceHost.StartAsync();
        foreach (var name in new[] { "zebra", "0.first", "e-mail", "dinosaurs2", "dinosaur" }) await host.UploadAsync($"name={name}&format=lines", DatasetRequests.Lines + name);
        string[] expected = ["0.first", "dinosaur", "dinosaurs", "dinosaurs2", "e-mail", "opinions", "zebra"];
        Assert.Equal(expected, await host.NamesAsync());

        for (var limit = 1; limit <= 8; limit++)
        {
            var seen = new List<string>();
            string? after = null;
            do
            {
                var page = await host.GetAsync($"/api/v1/datasets?limit={limit}" + (after is null ? "" : $"&after={after}"));
                var names = page["items"]!.AsArray().Select(item => (string)item!["name"]!).ToArray();
                Assert.InRange(names.Length, 1, limit);
                seen.AddRange(names);
                after = (string?)page["next"];
            }
            while (after is not null);
            Assert.Equal(expected, seen);
        }

        Assert.Equal(["after", "limit", "name"], ServiceHost.Errors(await host.GetAsync("/api/v1/datasets?limit=201&after=x&name=a", 400)).Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("lines", DatasetRequests.Lines, "text/plain", "mine.txt")]
    [InlineData("text", "\uFEFFa\r\nb", "text/plain", "mine.txt")]
    [InlineData("csv", "text,label\na,b\n", "text/csv", "mine.csv")]
    [InlineData("tsv", "text\tlabel\na\tb\n", "text/tab-separated-values", "mine.tsv")]
    [InlineData("jsonl", "{\"text\":\"a\",\"label\":\"b\"}", "application/jsonl", "mine.jsonl")]
    public async Task The_content_comes_back_byte_for_byte_with_its_hash_as_ETag(string format, string content, string mediaType, string fileName)
    {
        await using var host = await ServiceHost.StartAsync();
        await host.UploadAsync($"name=mine&format={format}", content);
        using var response = await host.ContentAsync("mine");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(DatasetRequests.Sha256(content), DatasetRequests.Sha256(System.Text.Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync())));
        Assert.Equal($"\"{DatasetRequests.Sha256(content)}\"", response.Headers.ETag?.Tag);
        Assert.Equal(mediaType, response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(fileName, response.Content.Headers.ContentDisposition?.FileName);

        using var unchanged = await host.ContentAsync("mine", response.Headers.ETag!.Tag);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
    }

    [Fact]
    public async Task A_deleted_dataset_is_gone_and_its_name_is_free()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.UploadAsync("name=mine&format=lines", DatasetRequests.Lines);
        await host.UploadAsync("name=twin&format=lines", DatasetRequests.Lines);
        await host.DeleteAsync("/api/v1/datasets/mine");
        await host.GetAsync("/api/v1/datasets/mine", 404);
        await host.GetAsync("/api/v1/datasets/mine/content", 404);
        await host.DeleteAsync("/api/v1/datasets/mine", 404);
        using (var content = await host.ContentAsync("twin")) Assert.Equal(DatasetRequests.Lines, await content.Content.ReadAsStringAsync());

        await host.UploadAsync("name=mine&format=lines", "other\n");
        await host.DeleteAsync("/api/v1/datasets/mine");
        await host.DeleteAsync("/api/v1/datasets/twin");
        DatasetRequests.AssertNothingIsKept(host.Root);
    }

    [Fact]
    public async Task Built_in_datasets_are_listed_and_never_deleted()
    {
        await using var host = await ServiceHost.StartAsync();
        Assert.Equal(["dinosaurs", "opinions"], await host.NamesAsync());
        foreach (var name in await host.NamesAsync())
        {
            Assert.True((bool?)(await host.GetAsync($"/api/v1/datasets/{name}"))["builtIn"]);
            Assert.Equal("/problems/built-in", (string?)(await host.DeleteAsync($"/api/v1/datasets/{name}", 409))["type"]);
        }
    }

    [Fact]
    public async Task A_dataset_that_somebody_needs_is_not_deleted()
    {
        var usage = new Usage();
        await using var host = await ServiceHost.StartAsync(services: services => services.AddSingleton<IDatasetUsage>(usage));
        var sha256 = (string?)(await host.UploadAsync("name=mine&format=lines", DatasetRequests.Lines))["sha256"];
        usage.Needed = sha256;
        var problem = await host.DeleteAsync("/api/v1/datasets/mine", 409);
        Assert.Contains("training job 1", (string?)problem["detail"], StringComparison.Ordinal);
        usage.Needed = null;

        var store = host.Services.GetRequiredService<DatasetStore>();
        using (var hold = await store.HoldOrNullAsync("mine", CancellationToken.None))
        {
            Assert.Equal(sha256, hold?.Dataset.Sha256);
            await host.DeleteAsync("/api/v1/datasets/mine", 409);
        }

        await host.DeleteAsync("/api/v1/datasets/mine");
    }

    [Theory]
    [InlineData("GET", "/api/v1/datasets/Bad", 400)]
    [InlineData("GET", "/api/v1/datasets/..%2F..%2Fetc", 400)]
    [InlineData("GET", "/api/v1/datasets/.hidden/content", 400)]
    [InlineData("GET", "/api/v1/datasets/none", 404)]
    [InlineData("GET", "/api/v1/datasets/none/content", 404)]
    [InlineData("DELETE", "/api/v1/datasets/none", 404)]
    [InlineData("PUT", "/api/v1/datasets/none", 405)]
    [InlineData("GET", "/api/v1/datasets/dinosaurs?format=csv", 400)]
    public async Task Wrong_addresses_are_refused(string method, string path, int status)
    {
        await using var host = await ServiceHost.StartAsync();
        await host.SendAsync(new HttpMethod(method), path, null, status);
    }

    private sealed class Usage : IDatasetUsage
    {
        public string? Needed { get; set; }

        public Task<string?> NeededByOrNullAsync(string sha256, CancellationToken cancellationToken) =>
            Task.FromResult(sha256 == Needed ? "training job 1" : null);
    }
}
