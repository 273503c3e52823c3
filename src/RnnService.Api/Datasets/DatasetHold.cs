namespace RnnService.Api.Datasets;

/// <summary>A dataset whose content is not deleted until this is disposed: for the time between finding a dataset and writing down who needs it.</summary>
public sealed class DatasetHold : IDisposable
{
    private Action? _release;

    internal DatasetHold(Dataset dataset, Action release)
    {
        Dataset = dataset;
        _release = release;
    }

    /// <summary>The dataset.</summary>
    public Dataset Dataset { get; }

    /// <inheritdoc/>
    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
