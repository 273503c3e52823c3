using System.Buffers.Binary;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace RnnService.Api.Tests.Models.Packages;

/// <summary>Packages as bytes: fetched, sent, taken apart and put together in other ways.</summary>
internal static class PackageBytes
{
    public const string Import = "/api/v1/models/import";

    public static Task<byte[]> ExportAsync(this ServiceHost host, string model, int version) =>
        host.Client.GetByteArrayAsync(new Uri($"/api/v1/models/{model}/versions/{version}/export", UriKind.Relative));

    /// <summary>Sends a package; the JSON of the answer, which must have the status.</summary>
    public static Task<JsonNode> ImportAsync(this ServiceHost host, byte[] package, int status = 201, string query = "") => host.SendAsync(HttpMethod.Post, Import + query, Content(package), status);

    public static ByteArrayContent Content(byte[] package) => new(package) { Headers = { ContentType = new MediaTypeHeaderValue("application/zip") } };

    /// <summary>The entries of a package in their order.</summary>
    public static List<(string Name, byte[] Content)> Unpack(byte[] package)
    {
        using var archive = new ZipArchive(new MemoryStream(package));
        return [.. archive.Entries.Select(entry =>
        {
            using var content = new MemoryStream();
            using var stream = entry.Open();
            stream.CopyTo(content);
            return (entry.FullName, content.ToArray());
        })];
    }

    public static byte[] Pack(IEnumerable<(string Name, byte[] Content)> entries, CompressionLevel level = CompressionLevel.Fastest)
    {
        using var package = new MemoryStream();
        using (var archive = new ZipArchive(package, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                using var stream = archive.CreateEntry(name, level).Open();
                stream.Write(content);
            }
        }

        return package.ToArray();
    }

    /// <summary>A package with one entry changed.</summary>
    public static byte[] With(byte[] package, string name, Func<byte[], byte[]> change) => Pack(Unpack(package).Select(entry => (entry.Name, entry.Name == name ? change(entry.Content) : entry.Content)));

    /// <summary>A package with a JSON entry changed.</summary>
    public static byte[] WithJson(byte[] package, string name, Action<JsonObject> change) => With(package, name, content => Changed(content, change));

    /// <summary>A package with a file changed and a manifest that tells its new length and hash: whole by all hashes.</summary>
    public static byte[] WithConsistent(byte[] package, string name, Func<byte[], byte[]> change)
    {
        byte[] changed = change(Unpack(package).Single(entry => entry.Name == name).Content);
        return WithJson(With(package, name, _ => changed), "manifest.json", manifest =>
        {
            var entry = manifest["files"]!.AsArray().Single(file => (string?)file!["name"] == name)!;
            manifest["bytes"] = (long)manifest["bytes"]! - (long)entry["bytes"]! + changed.Length;
            entry["bytes"] = changed.Length;
            entry["sha256"] = Convert.ToHexStringLower(SHA256.HashData(changed));
        });
    }

    /// <summary>Weights of the same shapes, of which the last is another value.</summary>
    public static byte[] WithLastWeight(byte[] weights, float value)
    {
        byte[] changed = [.. weights];
        BinaryPrimitives.WriteSingleLittleEndian(changed.AsSpan(changed.Length - sizeof(float)), value);
        return changed;
    }

    public static byte[] Changed(byte[] json, Action<JsonObject> change)
    {
        var node = JsonNode.Parse(json)!.AsObject();
        change(node);
        return Encoding.UTF8.GetBytes(node.ToJsonString());
    }

    /// <summary>Names of what lies in the staging folder.</summary>
    public static string[] Staged(this ServiceHost host) => [.. Directory.EnumerateFileSystemEntries(Path.Combine(host.Root, "staging")).Select(path => Path.GetFileName(path))];
}
