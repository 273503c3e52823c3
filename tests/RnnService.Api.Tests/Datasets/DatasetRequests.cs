using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace RnnService.Api.Tests.Datasets;

/// <summary>What tests ask of datasets.</summary>
internal static class DatasetRequests
{
    public const string Lines = "one\ntwo\nthree\n";

    public static HttpContent Raw(string content, string? mediaType = "text/plain") => Raw(Encoding.UTF8.GetBytes(content), mediaType);

    public static HttpContent Raw(byte[] content, string? mediaType = "application/octet-stream")
    {
        var body = new ByteArrayContent(content);
        if (mediaType is not null) body.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        return body;
    }

    public static MultipartFormDataContent Form(string content, string part = "file") => new() { { Raw(content), part, "../../name.txt" } };

    public static Task<JsonNode> UploadAsync(this ServiceHost host, string query, string content, int status = 201) =>
        host.SendAsync(HttpMethod.Post, $"/api/v1/datasets?{query}", Raw(content), status);

    public static Task<JsonNode> UploadAsync(this ServiceHost host, string query, HttpContent content, int status = 201) =>
        host.SendAsync(HttpMethod.Post, $"/api/v1/datasets?{query}", content, status);

    public static async Task<string[]> NamesAsync(this ServiceHost host, string query = "") =>
        [.. (await host.GetAsync($"/api/v1/datasets{query}"))["items"]!.AsArray().Select(item => (string)item!["name"]!)];

    public static string Sha256(string content) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)));

    /// <summary>Every file below the folder, with forward slashes, in order.</summary>
    public static string[] Files(string root, string folder) =>
        [.. Directory.EnumerateFileSystemEntries(Path.Combine(root, folder), "*", SearchOption.AllDirectories)
            .Where(File.Exists)
            .Select(path => Path.GetRelativePath(Path.Combine(root, folder), path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal)];

    /// <summary>That neither staging nor the datasets hold anything.</summary>
    public static void AssertNothingIsKept(string root)
    {
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(root, "staging")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(root, "datasets")));
    }

    public static async Task<HttpResponseMessage> ContentAsync(this ServiceHost host, string name, string? ifNoneMatch = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"/api/v1/datasets/{name}/content", UriKind.Relative));
        if (ifNoneMatch is not null) request.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Parse(ifNoneMatch));
        return await host.Client.SendAsync(request);
    }
}

/// <summary>A body whose length is not told beforehand.</summary>
internal sealed class ChunkedContent(Func<Stream, CancellationToken, Task> write) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => write(stream, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) => write(stream, cancellationToken);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
