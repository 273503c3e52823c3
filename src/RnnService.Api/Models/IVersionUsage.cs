namespace RnnService.Api.Models;

/// <summary>Knows who needs versions. A version that is needed is not deleted. Any number may be registered.</summary>
public interface IVersionUsage
{
    /// <summary>Who needs one of these versions of a model, such as "training job 7f3a"; null where nobody does.</summary>
    Task<string?> NeededByOrNullAsync(string model, IReadOnlyList<int> versions, CancellationToken cancellationToken);
}
