using RnnService.Api.Hosting;
using RnnService.Api.Models;
using RnnService.Api.Reports;
using RnnService.Api.TrainingJobs;
using SequenceModels.Tasks;

namespace RnnService.Api.Inference;

/// <summary>What to measure a model on.</summary>
public sealed record EvaluateRequest : IRequestContract
{
    /// <summary>A dataset by name, or the data itself, which is not kept.</summary>
    public required DatasetMembers Dataset { get; init; }

    /// <inheritdoc/>
    public void Validate(Problems problems) => Dataset.Validate(problems.At("dataset"));
}

/// <summary>What a model reaches on data.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Version">The version that the reference led to.</param>
/// <param name="Task">What the model does.</param>
/// <param name="Dataset">The dataset; null for data within the request.</param>
/// <param name="Measured">Rows that were measured (1 for one long text).</param>
/// <param name="Metrics">The task's metrics, as in the report of a version.</param>
/// <param name="Evaluation">Intervals, labels, calibration and the hardest rows, by their numbers among all rows that were sent.</param>
/// <param name="Faults">Rows that were left out, the first 100.</param>
/// <param name="FaultCount">How many were left out in all.</param>
public sealed record EvaluateResponse(
    string Model, int Version, TaskKind Task, DatasetIdentity? Dataset, long Measured, IReadOnlyDictionary<string, double?> Metrics, EvaluationReport Evaluation, IReadOnlyList<EvaluateFault> Faults, long FaultCount);

/// <summary>A row that could not be measured.</summary>
/// <param name="Row">Its number, from 1.</param>
/// <param name="Code">`emptyText`, `emptyLabel` or `unknownLabel`.</param>
/// <param name="Message">What is wrong, in words.</param>
public sealed record EvaluateFault(long Row, string Code, string Message);
