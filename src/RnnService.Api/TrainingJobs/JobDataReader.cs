using RnnService.Api.Datasets;
using SequenceModels.Data;

namespace RnnService.Api.TrainingJobs;

/// <summary>Reads the data of jobs by its content.</summary>
public sealed class JobDataReader(DatasetStore datasets)
{
    /// <summary>The data of a job, split as planned; <c>null</c> when its content is gone.</summary>
    public async Task<JobData?> ReadOrNullAsync(JobPlan plan, CancellationToken cancellationToken)
    {
        try
        {
            var data = await ReadAsync(plan.Dataset, cancellationToken);
            var validation = plan.ValidationDataset is { } own ? await ReadAsync(own, cancellationToken) : null;
            return await Task.Run(() => JobData.Of(data, validation, plan.ValidationFraction ?? 0, plan.Training.Seed), cancellationToken);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>All examples of a dataset.</summary>
    /// <exception cref="IOException">Its content is gone.</exception>
    public Task<TrainingData> ReadAsync(JobDataset dataset, CancellationToken cancellationToken) => datasets.ReadAsync(dataset.Sha256, dataset.Options, cancellationToken);
}
