namespace RnnService.Api.Tests;

/// <summary>A clock that is ahead.</summary>
internal sealed class LaterClock(TimeSpan by) : TimeProvider
{
    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
}
