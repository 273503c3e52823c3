using SequenceModels.Kernels;
using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <summary>What a network computes with: kernels of one width, a team of threads, an arena. For one caller at a time.</summary>
/// <param name="Kernels">The kernels.</param>
/// <param name="Team">The threads.</param>
/// <param name="Workspace">Memory of one step's activations.</param>
internal sealed record ComputeContext(KernelSet Kernels, ThreadTeam Team, Workspace Workspace) : IDisposable
{
    /// <summary>A context of its own team and arena.</summary>
    /// <param name="threads">Members of the team.</param>
    /// <param name="kernels">The kernels; <c>null</c>: the best.</param>
    /// <param name="threadStarted">Called on each new thread.</param>
    public static ComputeContext Create(int threads, KernelSet? kernels = null, Action? threadStarted = null) =>
        new(kernels ?? KernelSet.Best, new ThreadTeam(threads, threadStarted), new Workspace());

    /// <inheritdoc/>
    public void Dispose()
    {
        Team.Dispose();
        Workspace.Dispose();
    }
}
