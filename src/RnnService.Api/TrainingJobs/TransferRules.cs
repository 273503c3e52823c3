using RnnService.Api.Hosting;
using RnnService.Api.Models;
using SequenceModels.Tasks;

namespace RnnService.Api.TrainingJobs;

/// <summary>What a request that starts from a version must hold to, as far as the request alone tells.</summary>
internal static class TransferRules
{
    public static void Validate(TrainingJobRequest request, Problems problems)
    {
        Reference(problems, "baseModel", request.BaseModel);
        Reference(problems, "continueFrom", request.ContinueFrom);
        if (request is { BaseModel: not null, ContinueFrom: not null })
            problems.Add("continueFrom", "goes on with a whole version, so baseModel must be left out; given both");
        if (request.BaseModel is not null && request.Task != TaskKind.Classification && !problems.IsUnreadable("task"))
            problems.Add("baseModel", $"is for classification; with {ModelProblems.TaskName(request.Task)} it must be left out");
        if (request.BaseModel is null && !problems.IsUnreadable("baseModel"))
            request.Training?.RefuseWithoutBaseModel(problems.At("training"));
    }

    private static void Reference(Problems problems, string member, string? reference)
    {
        if (reference is not null && ModelReference.ParseOrNull(reference) is null)
            problems.Add(member, $"{ModelReference.Rule}; given {Problems.Quoted(reference)}");
    }
}
