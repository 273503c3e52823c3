using SequenceModels.Kernels;
using SequenceModels.Layers;
using SequenceModels.Tensors;

namespace SequenceModels.Optimizers;

/// <summary>
/// An update rule over all parameters at once. What it remembers lies in blocks of the parameters' layout (<see cref="Buffers"/>) and a few counts
/// (<see cref="Counts"/>); a run that gets both back goes on with the same bits.
/// </summary>
internal abstract unsafe class Optimizer : IDisposable
{
    /// <summary>Below so many parameters the meeting of the team costs more than it saves.</summary>
    public const long SmallestShared = 1 << 15;
    private readonly List<OptimizerBuffer> _buffers = [];
    private readonly Action<int> _updateShare;
    private ComputeContext? _context;
    private float _gradientScale;
    private double _learningRate;

    /// <param name="parameters">What is trained.</param>
    /// <param name="settings">The rule's constants.</param>
    protected Optimizer(ParameterSet parameters, OptimizerSettings settings)
    {
        if (settings.Validate() is [var problem, ..])
            throw new ArgumentException($"{problem.Name} {problem.Message}", nameof(settings));
        (Parameters, Settings, _updateShare) = (parameters, settings, UpdateShare);
    }

    /// <summary>What is remembered a parameter, one block a sort, each in the layout of <see cref="ParameterSet.Values"/>.</summary>
    public IReadOnlyList<OptimizerBuffer> Buffers => _buffers;

    /// <summary>What is remembered besides.</summary>
    public OptimizerCounts Counts { get; protected set; }

    /// <summary>Updates done.</summary>
    public long Steps => Counts.Steps;

    /// <summary>Factors of the step size, part by part of the block, all of it covered; <c>null</c>: 1. With a factor of 0 values stay as they are, while what is remembered of their gradients goes on.</summary>
    public IReadOnlyList<RateGroup>? RateGroups { get; set; }

    protected ParameterSet Parameters { get; }

    protected OptimizerSettings Settings { get; }

    /// <summary>The optimiser of a rule.</summary>
    /// <param name="parameters">What is trained.</param>
    /// <param name="settings">The rule and its constants.</param>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    public static Optimizer Create(ParameterSet parameters, OptimizerSettings settings) => settings.Rule switch
    {
        UpdateRule.Sgd => new Sgd(parameters, settings),
        UpdateRule.AveragedSgd => new AveragedSgd(parameters, settings),
        UpdateRule.RmsProp => new RmsProp(parameters, settings),
        UpdateRule.Adagrad => new Adagrad(parameters, settings),
        _ => new Adam(parameters, settings),
    };

    /// <summary>Blocks that a rule remembers: the number of <see cref="Buffers"/> before there is an optimiser.</summary>
    public static int BufferCount(OptimizerSettings settings)
    {
        int momentum = settings.Momentum > 0 ? 1 : 0;
        return settings.Rule switch
        {
            UpdateRule.Sgd => momentum,
            UpdateRule.RmsProp => 1 + (settings.Centered ? 1 : 0) + momentum,
            UpdateRule.AveragedSgd or UpdateRule.Adagrad => 1,
            _ => settings.AmsGrad ? 3 : 2,
        };
    }

    /// <summary>
    /// Updates all values from their gradients and zeroes the gradients. Gradients that were added up over several batches are one update with
    /// 1 / batches in the scale.
    /// </summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="learningRate">Step size.</param>
    /// <param name="gradientScale">Factor of all gradients (clipping, accumulation).</param>
    public void Step(KernelSet kernels, double learningRate, float gradientScale)
    {
        Begin(learningRate, gradientScale);
        UpdatePart(kernels, 0, Parameters.Values.Length);
    }

    /// <summary>As the other, the parameters shared by a team.</summary>
    /// <param name="context">Kernels and team.</param>
    /// <param name="learningRate">Step size.</param>
    /// <param name="gradientScale">Factor of all gradients.</param>
    public void Step(ComputeContext context, double learningRate, float gradientScale)
    {
        if (Parameters.Values.Length < SmallestShared)
        {
            Step(context.Kernels, learningRate, gradientScale);
            return;
        }

        Begin(learningRate, gradientScale);
        _context = context;
        context.Team.Run(_updateShare);
    }

    private void UpdateShare(int member)
    {
        const int line = ParameterSet.Padding;
        var (start, end) = _context!.Team.Share(member, (int)(Parameters.Values.Length / line));
        if (start < end)
            UpdatePart(_context.Kernels, (long)start * line, (long)(end - start) * line);
    }

    private void UpdatePart(KernelSet kernels, long start, long length)
    {
        if (RateGroups is not { } groups)
        {
            Update(kernels, start, length, _learningRate, Constants(_learningRate));
            return;
        }

        for (int i = 0; i < groups.Count; i++) // an enumerator would be allocated at each step
        {
            long first = Math.Max(start, groups[i].Start), end = Math.Min(start + length, groups[i].Start + groups[i].Length);
            double rate = _learningRate * groups[i].Factor;
            if (first < end)
                Update(kernels, first, end - first, rate, Constants(rate));
        }
    }

    private void Begin(double learningRate, float gradientScale)
    {
        Counts = Counts with { Steps = Counts.Steps + 1 };
        (_learningRate, _gradientScale) = (learningRate, gradientScale);
    }

    private UpdateConstants Constants(double rate)
    {
        bool decoupled = Settings.DecoupledWeightDecay;
        return new UpdateConstants(_gradientScale, (float)rate, decoupled ? 0 : (float)Settings.WeightDecay, decoupled ? (float)(1 - rate * Settings.WeightDecay) : 1);
    }

    /// <summary>Goes on where another run stood, whose <see cref="Buffers"/> have been copied here.</summary>
    /// <param name="counts">That run's.</param>
    public void Resume(OptimizerCounts counts) => Counts = counts;

    /// <summary>Tells the rule that validation has stopped improving, by <see cref="NonMonotoneTrigger"/>; only an averaging one listens, and only the first time.</summary>
    public virtual void StartAveraging()
    {
    }

    /// <summary>
    /// Exchanges the parameters' values with those that are to be evaluated and kept in their place, if the rule makes such (averages); a second call undoes the first.
    /// Between the two there must be no step.
    /// </summary>
    public virtual void ExchangeForEvaluation()
    {
    }

    /// <inheritdoc/>
    public void Dispose() => _buffers.ForEach(buffer => buffer.Values.Dispose());

    /// <summary>The rule, with <see cref="Counts"/> already counting this step, for a part of the parameters.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="start">First parameter of the part.</param>
    /// <param name="length">Number of parameters.</param>
    /// <param name="learningRate">Step size.</param>
    /// <param name="constants">Scale, step size and weight decay.</param>
    protected abstract void Update(KernelSet kernels, long start, long length, double learningRate, in UpdateConstants constants);

    /// <summary>A block of zeros in the parameters' layout.</summary>
    protected NativeBuffer Remember(string name)
    {
        var values = new NativeBuffer(Parameters.Values.Length);
        _buffers.Add(new(name, values));
        return values;
    }
}

/// <summary>One sort of what an optimiser remembers a parameter.</summary>
/// <param name="Name">PyTorch's name of it, for example <c>exp_avg</c>.</param>
/// <param name="Values">In the layout of the parameters' values.</param>
internal readonly record struct OptimizerBuffer(string Name, NativeBuffer Values);

/// <summary>What an optimiser remembers besides its buffers.</summary>
/// <param name="Steps">Updates done.</param>
/// <param name="AveragingStart">Updates done when averaging started; <c>null</c>: it has not.</param>
/// <param name="MomentsStart">Updates done when the moments began at zero: not 0 where a run went back and forgot them.</param>
internal readonly record struct OptimizerCounts(long Steps, long? AveragingStart = null, long MomentsStart = 0);
