namespace RnnService.Api.Datasets;

/// <summary>Knows who needs the contents of datasets. A dataset whose content is needed is not deleted. Any number may be registered.</summary>
public interface IDatasetUsage
{
    /// <summary>Who needs the content with this hash, such as "training job 7f3a"; null where nobody does.</summary>
    Task<string?> NeededByOrNullAsync(string sha256, CancellationToken cancellationToken);
}
