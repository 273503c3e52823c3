using SequenceModels.Layers;
using SequenceModels.Tensors;

namespace SequenceModels.Optimizers;

/// <summary>The Euclidean norm of all gradients together, the sums of its blocks shared by a team.</summary>
internal sealed unsafe class GradientNorm
{
    // Sums of squares of so many floats are added up in double precision, block by block in order: a million single-precision additions in a row would lose digits.
    private const int Block = 1 << 14;
    private readonly ParameterSet _parameters;
    private readonly ComputeContext _context;
    private readonly double[] _sums;
    private readonly Action<int> _sumShare;

    /// <param name="parameters">Whose gradients.</param>
    /// <param name="context">Kernels and team.</param>
    public GradientNorm(ParameterSet parameters, ComputeContext context)
    {
        (_parameters, _context, _sumShare) = (parameters, context, SumShare);
        _sums = new double[(parameters.Values.Length + Block - 1) / Block];
    }

    /// <summary>The norm of the gradients as they are now.</summary>
    public float Compute()
    {
        if (_parameters.Values.Length >= Optimizer.SmallestShared)
            _context.Team.Run(_sumShare);
        else
            Sum(0, _sums.Length);
        double total = 0;
        foreach (double sum in _sums)
            total += sum;
        return (float)Math.Sqrt(total);
    }

    private void SumShare(int member)
    {
        var (start, end) = _context.Team.Share(member, _sums.Length);
        Sum(start, end);
    }

    private void Sum(int start, int end)
    {
        var gradients = _parameters.Gradients;
        for (int i = start; i < end; i++)
        {
            long first = (long)i * Block;
            _sums[i] = _context.Kernels.SumOfSquares(gradients.Pointer + first, Math.Min(Block, gradients.Length - first));
        }
    }
}
