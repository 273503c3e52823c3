using Microsoft.Extensions.Options;
using SequenceModels.Tasks;

namespace RnnService.Api.Inference;

/// <summary>Bounds how many requests compute at the same time and how many wait for their turn, so that load shows as 503 and not as memory.</summary>
public sealed class InferenceGate(IOptions<InferenceOptions> options) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(options.Value.ResolvedThreads);
    private readonly int _limit = options.Value.ResolvedThreads + options.Value.QueueLength;
    private readonly InferenceTeam? _team = options.Value.ResolvedThreads > 1 ? new(options.Value.ResolvedThreads) : null;
    private int _inside;

    /// <summary>Requests that compute or wait for their turn.</summary>
    internal int Inside => Volatile.Read(ref _inside);

    /// <summary>Waits for a turn; <c>null</c> at once when too many wait already. The turn ends when the result is disposed.</summary>
    public async Task<IDisposable?> EnterOrNullAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _inside) > _limit)
        {
            Interlocked.Decrement(ref _inside);
            return null;
        }

        try
        {
            await _slots.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Interlocked.Decrement(ref _inside);
            throw;
        }

        return new Turn(this);
    }

    /// <summary>All threads of inference for one request, where no other request is here or has them; <c>null</c> otherwise.</summary>
    public InferenceTeam.Lease? LeaseTeamOrNull() => Inside == 1 ? _team?.TryEnter() : null;

    public void Dispose()
    {
        _slots.Dispose();
        _team?.Dispose();
    }

    private sealed class Turn(InferenceGate gate) : IDisposable
    {
        private int _ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) != 0)
                return;
            Interlocked.Decrement(ref gate._inside);
            gate._slots.Release();
        }
    }
}
