using System.Collections.Concurrent;
using SequenceModels.Kernels;
using SequenceModels.Layers;
using SequenceModels.Sampling;
using SequenceModels.Serialization;
using SequenceModels.Tensors;

namespace SequenceModels.Shapes;

/// <summary>A trained network of one of the five shapes: all that inference needs. Safe for concurrent use; immutable after construction.</summary>
public sealed unsafe class SequenceTaskModel : IDisposable
{
    private const int Batch = 64;
    private readonly ConcurrentBag<ComputeContext> _idle = [];
    private readonly TaskWeights _weights;
    private readonly KernelSet _kernels;

    internal SequenceTaskModel(SequenceTask task, SequenceScaling scaling, ParameterSet parameters, KernelSet? kernels = null)
    {
        (Task, Scaling, Parameters, _kernels) = (task, scaling, parameters, kernels ?? KernelSet.Best);
        _weights = new TaskWeights(task, parameters);
        using var context = ComputeContext.Create(1, _kernels);
        _weights.Pack(context, backward: false);
    }

    /// <summary>What the model has learned.</summary>
    public SequenceTask Task { get; }

    /// <summary>How frames are standardised that are read; <c>null</c> for tokens.</summary>
    public Standardization? InputStandardization => Scaling.Input;

    /// <summary>How numbers are standardised that are predicted; <c>null</c> for tokens, and for answers of yes and no.</summary>
    public Standardization? OutputStandardization => Scaling.Output;

    /// <summary>The parameters, under PyTorch's names.</summary>
    public ParameterSet Parameters { get; }

    /// <summary>Bytes of parameters and of what is derived from them.</summary>
    public long MemoryBytes => sizeof(float) * Parameters.Values.Length + _weights.PackedBytes;

    internal SequenceScaling Scaling { get; }

    /// <summary>What <see cref="MemoryBytes"/> will be, before a model is loaded.</summary>
    /// <param name="task">What the model has learned.</param>
    public static long EstimateBytes(SequenceTask task) => new SequenceTaskMemory(task).OfModel();

    /// <summary>A model from its two files.</summary>
    /// <param name="settings">The JSON file of the settings (<see cref="WriteSettings"/>).</param>
    /// <param name="weights">The safetensors file of the parameters.</param>
    /// <returns>The model, to be disposed of by the caller.</returns>
    /// <exception cref="InvalidDataException">The settings are not well-formed, or not those of a model.</exception>
    /// <exception cref="SafetensorsException">The weights are not well-formed, or not this network's.</exception>
    public static SequenceTaskModel Load(Stream settings, Stream weights)
    {
        var (task, scaling) = SequenceTaskFile.Read(settings);
        SafetensorsReader.RequireRoomFor(weights, TaskWeights.Count(task));
        var parameters = TaskWeights.CreateParameters(task);
        try
        {
            SafetensorsReader.ReadInto(parameters, weights);
            return new SequenceTaskModel(task, scaling, parameters);
        }
        catch
        {
            parameters.Dispose();
            throw;
        }
    }

    /// <summary>Writes the task and how it is standardised as a JSON file (docs/file-formats.md): the same model gives the same bytes.</summary>
    /// <param name="destination">The file.</param>
    public void WriteSettings(Stream destination) => SequenceTaskFile.Write(Task, Scaling, destination);

    /// <summary>Writes the parameters as a safetensors file: the same parameters give the same bytes.</summary>
    /// <param name="destination">The file.</param>
    public void WriteWeights(Stream destination) => SafetensorsWriter.Write(Parameters, destination);

    /// <summary>
    /// What the network says of inputs; <see cref="TaskShape.OneToOne"/>, <see cref="TaskShape.ManyToOne"/> and <see cref="TaskShape.ManyToManyEqual"/>. An input's result does not depend on those beside it.
    /// </summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>For each input, one frame or one a step: the probabilities of the tokens, the probabilities of yes, or the numbers in their own units.</returns>
    /// <exception cref="ArgumentException">An input is not one of the task's.</exception>
    /// <exception cref="InvalidOperationException">The task is one of those that generate.</exception>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public IReadOnlyList<FrameSequence> Predict(IReadOnlyList<SequenceData> inputs, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        if (Task.Generates)
            throw new InvalidOperationException($"A model of {Task.Shape} generates its outputs.");
        ExampleRules.CheckInputs(Task, inputs);
        var results = new FrameSequence[inputs.Count];
        if (inputs.Count > 0)
            WithContext(context => Predict(inputs, results, context, cancellationToken));
        return results;
    }

    /// <summary>Sequences of tokens, each begun from the input and ended by the end token; <see cref="TaskShape.OneToMany"/> and <see cref="TaskShape.ManyToMany"/>.</summary>
    /// <param name="input">What to go from.</param>
    /// <param name="settings">How to draw; a temperature of 0 always takes the most probable token. Stop strings and tokens' alternatives are for text.</param>
    /// <param name="cancellationToken">Looked at before each token.</param>
    /// <returns>As many sequences as the settings choose.</returns>
    /// <exception cref="ArgumentException">The input is not one of the task's, or the settings are out of range.</exception>
    /// <exception cref="InvalidOperationException">The task does not generate tokens.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<GeneratedTokens> GenerateTokens(SequenceData input, SamplingSettings settings, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (!Task.Ends)
            throw new InvalidOperationException($"A model of {Task.Shape} with an output of {Task.Output.Kind} does not generate tokens.");
        if (settings.Stop.Count > 0 || settings.LogProbabilities is not null)
            throw new ArgumentException("Stop strings and alternatives of tokens are for text.", nameof(settings));
        var sampler = new Sampler(settings, Task.Outputs);
        var results = new GeneratedTokens[settings.Choices];
        Decode(input, decoder =>
        {
            for (int choice = 0; choice < results.Length; choice++)
                results[choice] = decoder.Tokens(sampler, settings, choice, cancellationToken);
        });
        return results;
    }

    /// <summary>A sequence of frames, each step reading the frame before it; <see cref="TaskShape.OneToMany"/> and <see cref="TaskShape.ManyToMany"/>.</summary>
    /// <param name="input">What to go from.</param>
    /// <param name="steps">How many frames, 1 or more: unlike tokens, frames have no end.</param>
    /// <param name="cancellationToken">Looked at before each frame.</param>
    /// <returns>The frames in their own units.</returns>
    /// <exception cref="ArgumentException">The input is not one of the task's.</exception>
    /// <exception cref="InvalidOperationException">The task does not generate frames.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public FrameSequence GenerateFrames(SequenceData input, int steps, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        if (!Task.Generates || Task.Ends)
            throw new InvalidOperationException($"A model of {Task.Shape} with an output of {Task.Output.Kind} does not generate frames.");
        float[] values = [];
        Decode(input, decoder => values = decoder.Frames(steps, cancellationToken));
        for (int step = 0; step < steps; step++)
            Scaling.Output!.Undo(values.AsSpan(step * Task.Output.Size, Task.Output.Size));
        return new FrameSequence(values, Task.Output.Size);
    }

    /// <summary>
    /// The measures of the task on examples: <c>validationLoss</c> (of tokens nats, of numbers in units of their deviation) and <c>targets</c>; for tokens <c>accuracy</c> and <c>macroF1</c>; for yes and no
    /// <c>accuracy</c> and <c>microF1</c>; for numbers <c>rootMeanSquaredError</c> and <c>meanAbsoluteError</c> in their own units. A decoder reads the targets.
    /// </summary>
    /// <param name="examples">The examples.</param>
    /// <param name="threads">Threads to work with, 1 or more.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>The measures by name.</returns>
    /// <exception cref="ArgumentException">An example is not one of the task's.</exception>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public IReadOnlyDictionary<string, double> Evaluate(IReadOnlyList<SequenceExample> examples, int threads = 1, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(examples);
        ExampleRules.Check(Task, examples);
        using var context = ComputeContext.Create(threads, _kernels);
        using var batches = SequenceTrainingTask.Batches(Task, Scaling, examples, Batch, null);
        return TaskNetwork.Create(Task, Parameters, _weights, context).Evaluate(batches, new TaskMetrics(Task, Scaling), cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_idle.TryTake(out var context))
            context.Dispose();
        _weights.Dispose();
        Parameters.Dispose();
    }

    private void Predict(IReadOnlyList<SequenceData> inputs, FrameSequence[] results, ComputeContext context, CancellationToken cancellationToken)
    {
        using var batches = new SequenceBatches(Task, Scaling, inputs, null, Batch, null);
        var network = new EncoderNetwork(Task, Parameters, _weights, context, default);
        while (batches.Next())
        {
            cancellationToken.ThrowIfCancellationRequested();
            float* scores = network.Scores(batches);
            var members = batches.Members;
            int size = Task.Outputs, steps = Task.WritesOne ? 1 : batches.InputShape.Time;
            network.Head.Interpret(scores, steps * members.Length);
            for (int row = 0; row < members.Length; row++)
            {
                var values = new float[(Task.WritesOne ? 1 : inputs[members[row]].Length) * size];
                for (int step = 0; step * size < values.Length; step++)
                {
                    var frame = values.AsSpan(step * size, size);
                    new ReadOnlySpan<float>(scores + ((long)step * members.Length + row) * size, size).CopyTo(frame);
                    Scaling.Output?.Undo(frame);
                }

                results[members[row]] = new FrameSequence(values, size);
            }
        }
    }

    private void Decode(SequenceData input, Action<SequenceDecoder> write)
    {
        ArgumentNullException.ThrowIfNull(input);
        ExampleRules.CheckInputs(Task, [input]);
        WithContext(context =>
        {
            using var batch = new SequenceBatches(Task, Scaling, [input], null, 1, null);
            using var decoder = new SequenceDecoder(Task, new DecoderNetwork(Task, Parameters, _weights, context, default));
            batch.Next();
            decoder.Begin(batch);
            write(decoder);
        });
    }

    private void WithContext(Action<ComputeContext> work)
    {
        if (!_idle.TryTake(out var context))
            context = ComputeContext.Create(1, _kernels);
        try
        {
            work(context);
        }
        finally
        {
            _idle.Add(context);
        }
    }
}
