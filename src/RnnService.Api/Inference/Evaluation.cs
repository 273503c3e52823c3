using Microsoft.AspNetCore.Http.HttpResults;
using RnnService.Api.Hosting;
using RnnService.Api.Models;
using RnnService.Api.Reports;
using RnnService.Api.TrainingJobs;
using SequenceModels.Data;

namespace RnnService.Api.Inference;

/// <summary>What a model reached, or the problem to answer with.</summary>
internal readonly record struct EvaluationOutcome(EvaluateResponse? Response, ProblemHttpResult? Problem);

/// <summary>Measures a model on data of the caller.</summary>
internal static class Evaluation
{
    /// <summary>The least tokens of one long text: one to read and one to predict.</summary>
    private const int LeastTokens = 2;

    public static async Task<EvaluationOutcome> RunAsync(InferenceTurn turn, EvaluateRequest request, EvaluationData source, CancellationToken cancellationToken)
    {
        DatasetIdentity? identity = null;
        TrainingData data;
        if (request.Dataset.Name is { } name)
        {
            using var hold = await source.HoldOrNullAsync(name, cancellationToken);
            if (hold is null)
                return Refuse(ServiceProblems.NotFound("dataset.name", $"there is no dataset {Problems.Quoted(name)}"));
            identity = new DatasetIdentity { Name = hold.Dataset.Name, Sha256 = hold.Dataset.Sha256 };
            data = await source.ReadAsync(hold.Dataset, cancellationToken);
        }
        else
        {
            data = EvaluationData.OfMembers(request.Dataset);
        }

        var model = turn.Hosted.Model;
        if (EvaluationData.WrongKindOrNull(model, data) is { } wrong)
            return Refuse(ServiceProblems.Unprocessable($"The data cannot be measured: {wrong}."));
        var measurable = EvaluationData.Sort(model, data);
        if (measurable.Rows == 0)
            return Refuse(ServiceProblems.Unprocessable("No row of the data can be measured.", new Dictionary<string, object?> { ["faults"] = measurable.Faults }));
        if (data is TrainingData.ContinuousText text && model.Tokenizer.Encode(text.Text).Length < LeastTokens)
            return Refuse(ServiceProblems.Unprocessable($"The text is too short to be measured: at least {LeastTokens} tokens are needed."));

        // One thread: a request holds one turn, and turns are as many as threads.
        var hosted = turn.Hosted;
        var evaluation = await Task.Run(
            () => model.Measure(measurable.Data, hosted.SequenceLength, threads: 1, EvaluationReports.IntervalSeed, cancellationToken), cancellationToken);
        return new EvaluationOutcome(
            new EvaluateResponse(
                turn.Model, turn.Version, model.Task, identity, measurable.Rows, TrainingReports.Finite(evaluation.Metrics), Numbered(EvaluationReports.Of(evaluation, model.Labels, measurable.Data), measurable.Numbers), measurable.Faults, measurable.FaultCount),
            null);
    }

    /// <summary>The hardest rows by the numbers that they have for the caller.</summary>
    private static EvaluationReport Numbered(EvaluationReport report, IReadOnlyList<int>? numbers) => numbers is null ? report : report with
    {
        HardestExamples = report.HardestExamples is { } examples ? [.. examples.Select(example => example with { Row = numbers[example.Row - 1] })] : null,
        HardestPassages = report.HardestPassages is { } passages ? [.. passages.Select(passage => passage with { Place = numbers[(int)passage.Place - 1] })] : null,
    };

    private static EvaluationOutcome Refuse(ProblemHttpResult problem) => new(null, problem);
}
