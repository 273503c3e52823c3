using SequenceModels.Kernels;

namespace SequenceModels.Tasks;

/// <summary>
/// Threads that can help one sampler at a time with the steps of a large model. Whoever does not get them computes on its own thread, with the same bits. Helpers sleep while there is nothing to do, but for some
/// microseconds after each step.
/// </summary>
public sealed class InferenceTeam : IDisposable
{
    private readonly ThreadTeam _team;
    private int _taken;

    /// <param name="threads">Threads that compute together, the sampler's own included, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is below 1.</exception>
    public InferenceTeam(int threads) => _team = new ThreadTeam(threads);

    /// <summary>The team for one sampler, to be disposed of after its last step; <c>null</c> at once when another has it.</summary>
    public Lease? TryEnter() => Interlocked.CompareExchange(ref _taken, 1, 0) == 0 ? new Lease(this) : null;

    /// <inheritdoc/>
    public void Dispose() => _team.Dispose();

    /// <summary>The right to the team until it is disposed of.</summary>
    public sealed class Lease : IDisposable
    {
        private InferenceTeam? _owner;

        internal Lease(InferenceTeam owner) => _owner = owner;

        internal ThreadTeam Team => (_owner ?? throw new ObjectDisposedException(nameof(Lease)))._team;

        /// <inheritdoc/>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref _owner, null) is { } owner)
                Volatile.Write(ref owner._taken, 0);
        }
    }
}
