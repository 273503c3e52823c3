namespace RnnService.Api.Models;

/// <summary>
/// One change of the registry at a time. Who takes hold of a version takes it in here too: between the look of a deletion at who needs the version and the deletion itself, nobody can begin to need it.
/// </summary>
public sealed class RegistryGate : IDisposable
{
    private readonly SemaphoreSlim _turns = new(1, 1);

    /// <summary>Waits for the turn, which lasts until the result is disposed.</summary>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken);
        return new Turn(_turns);
    }

    public void Dispose() => _turns.Dispose();

    private sealed class Turn(SemaphoreSlim turns) : IDisposable
    {
        private SemaphoreSlim? _turns = turns;

        public void Dispose() => Interlocked.Exchange(ref _turns, null)?.Release();
    }
}
