using System.Text.Json;
using System.Text.Json.Nodes;
using RnnService.Api.Hosting;
using RnnService.Api.Models;

namespace RnnService.Api.Reports;

/// <summary>The request that trains a version anew, with every choice written out.</summary>
internal static class ReproducingRequest
{
    /// <summary>Escapes quotes, so that the text can stand between single quotes in a shell.</summary>
    private static readonly JsonSerializerOptions s_ascii = new() { WriteIndented = true };

    public static JsonObject Of(string model, VersionManifest manifest)
    {
        var request = new JsonObject
        {
            ["model"] = model,
            ["task"] = ModelProblems.Word(manifest.Task),
            ["dataset"] = new JsonObject { ["name"] = manifest.Dataset.Name },
            ["validation"] = manifest.Split.ValidationDataset is { } own
                ? new JsonObject { ["dataset"] = new JsonObject { ["name"] = own.Name } }
                : new JsonObject { ["fraction"] = manifest.Split.ValidationFraction },
            ["architecture"] = Chosen(manifest.Architecture),
            ["training"] = Chosen(manifest.Training),
        };
        if (manifest.Lineage is { } lineage)
            request[ModelProblems.Word(lineage.Kind)] = new ModelReference(lineage.BaseModel, lineage.BaseVersion, null).ToString();
        if (manifest.Tags.Count > 0)
            request["tags"] = JsonSerializer.SerializeToNode(manifest.Tags, ServiceJson.Options);
        return request;
    }

    public static string Curl(string model, VersionManifest manifest) =>
        $"curl -s http://localhost:5080/api/v1/training-jobs -H 'Content-Type: application/json' \\\n  -d '{Of(model, manifest).ToJsonString(s_ascii)}'";

    /// <summary>What is null belongs to other optimizers, schedules or tasks.</summary>
    private static JsonObject Chosen<T>(T settings) => WithoutNulls(JsonSerializer.SerializeToNode(settings, ServiceJson.Options)!.AsObject());

    private static JsonObject WithoutNulls(JsonObject members)
    {
        var kept = new JsonObject();
        foreach (var (name, value) in members)
        {
            if (value is JsonObject inner)
                kept[name] = WithoutNulls(inner);
            else if (value is not null)
                kept[name] = value.DeepClone();
        }

        return kept;
    }
}
