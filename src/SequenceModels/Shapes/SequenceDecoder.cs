using SequenceModels.Layers;
using SequenceModels.Randomness;
using SequenceModels.Sampling;
using SequenceModels.Tensors;

namespace SequenceModels.Shapes;

/// <summary>Writes a sequence step by step: each step reads what the one before it wrote. For one caller at a time.</summary>
internal sealed unsafe class SequenceDecoder : IDisposable
{
    private static readonly SequenceShape OneStep = new(1, 1);
    private readonly SequenceTask _task;
    private readonly DecoderNetwork _network;
    private readonly StepBlock _read;
    private readonly NativeBuffer _hidden;
    private readonly NativeBuffer _cell;
    private readonly NativeBuffer _firstHidden;
    private readonly NativeBuffer _firstCell;

    public SequenceDecoder(SequenceTask task, DecoderNetwork network)
    {
        (_task, _network, _read) = (task, network, new StepBlock(task.Output));
        _read.Reserve(OneStep);
        long states = (long)task.Architecture.Layers * task.Architecture.HiddenSize;
        (_hidden, _cell, _firstHidden, _firstCell) = (new(states), new(states), new(states), new(states));
    }

    /// <summary>Reads the input, from which sequences are then written.</summary>
    /// <param name="input">A batch of one.</param>
    public void Begin(SequenceBatches input) => _network.Begin(input, _firstHidden.Pointer, _firstCell.Pointer);

    /// <summary>Writes tokens to their end.</summary>
    public GeneratedTokens Tokens(Sampler sampler, SamplingSettings settings, int choice, CancellationToken cancellationToken)
    {
        Rewind();
        var history = new TokenHistory();
        var random = new CounterRandom(settings.Seed, RandomPurpose.Sampling, (uint)choice);
        var tokens = new List<int>();
        int end = _task.Output.Size;
        double logProbability = 0;
        *_read.Tokens = end;
        while (tokens.Count < settings.MaxTokens)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var logits = new ReadOnlySpan<float>(Next(), _task.Outputs);
            int token = sampler.Next(logits, history, random.UniformDouble(tokens.Count));
            logProbability += SamplingMath.LogProbability(logits, token);
            if (token == end)
                return new GeneratedTokens(new TokenSequence([.. tokens]), logProbability, Ended: true);
            history.Add(token);
            tokens.Add(token);
            *_read.Tokens = token;
        }

        return new GeneratedTokens(new TokenSequence([.. tokens]), logProbability, Ended: false);
    }

    /// <summary>[steps,F] as many frames as are wanted, standardised.</summary>
    public float[] Frames(int steps, CancellationToken cancellationToken)
    {
        Rewind();
        int features = _task.Output.Size;
        var frames = new float[checked(steps * features)];
        var read = new Span<float>(_read.Frames, features);
        read.Clear();
        for (int step = 0; step < steps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            new ReadOnlySpan<float>(Next(), features).CopyTo(read);
            read.CopyTo(frames.AsSpan(step * features));
        }

        return frames;
    }

    public void Dispose()
    {
        _read.Dispose();
        _hidden.Dispose();
        _cell.Dispose();
        _firstHidden.Dispose();
        _firstCell.Dispose();
    }

    private void Rewind()
    {
        Memory.Copy(_firstHidden.Pointer, _hidden.Pointer, _hidden.Length);
        Memory.Copy(_firstCell.Pointer, _cell.Pointer, _cell.Length);
    }

    private float* Next() => _network.Next(OneStep, _read, _hidden.Pointer, _cell.Pointer);
}
