using System.Text.Json;
using System.Text.Json.Serialization;
using RnnService.Api.Models;
using RnnService.Api.TrainingJobs;

namespace RnnService.Api.Reports;

/// <summary>Reads <c>report.json</c> back. There a number that is not finite, such as the loss of an epoch that diverged, was written as null.</summary>
internal static class ReportJson
{
    private static readonly JsonSerializerOptions s_options = Create();
    private static readonly JsonSerializerOptions s_strict = new(s_options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    public static async Task<TrainingReport> ReadAsync(VersionFolder folder, CancellationToken cancellationToken)
    {
        await using var stream = folder.OpenRead(VersionFolder.ReportFile);
        return await JsonSerializer.DeserializeAsync<TrainingReport>(stream, s_options, cancellationToken) ?? throw new InvalidDataException("A report holds null.");
    }

    /// <summary>Reads a report from elsewhere, of which nothing is read over.</summary>
    /// <exception cref="JsonException">It is malformed, or a member is missing, unknown or of the wrong type.</exception>
    /// <exception cref="InvalidDataException">It holds null.</exception>
    public static TrainingReport ReadStrictly(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize<TrainingReport>(json, s_strict) ?? throw new InvalidDataException("A report holds null.");

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(ManifestJson.Options);
        options.Converters.Insert(0, new NullableNumberConverter());
        return options;
    }

    private sealed class NullableNumberConverter : JsonConverter<double>
    {
        public override bool HandleNull => true;

        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options) => throw new NotSupportedException("Reports are only read with these options.");
    }
}
