using System.Buffers;
using System.Text.Json;
using RnnService.Api.Hosting;
using RnnService.Api.TrainingJobs;

namespace RnnService.Api.Models.Packages;

/// <summary>Holds network and training of a manifest against the contract of requests: what was resolved could have been asked for, number by number.</summary>
internal static class ManifestSettings
{
    private static readonly ContractShape s_architecture = ContractShape.Of(typeof(ArchitectureMembers), ServiceJson.Options, []);
    private static readonly ContractShape s_training = ContractShape.Of(typeof(TrainingMembers), ServiceJson.Options, []);

    /// <summary>Adds what is out of range, or belongs to another optimizer or schedule, of a manifest that can be read.</summary>
    public static void Check(JsonElement manifest, Problems problems)
    {
        Read<ArchitectureMembers>(manifest, "architecture", s_architecture, problems);
        var training = Read<TrainingMembers>(manifest, "training", s_training, problems);
        training.Validate(problems.At("training"));
        if (training is { LearningRate: null, RangeTest: null })
            problems.Add("training.learningRate", "is required where no rangeTest was to find it");
    }

    private static T Read<T>(JsonElement manifest, string member, ContractShape shape, Problems problems)
    {
        var accepted = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(accepted))
            new ContractWalker(problems, writer, int.MaxValue).WalkObject(manifest.GetProperty(member), shape, member);
        return JsonSerializer.Deserialize<T>(accepted.WrittenSpan, ServiceJson.Options)!;
    }
}
