using SequenceModels.Layers;
using SequenceModels.Training;

namespace SequenceModels.Shapes;

/// <summary>Examples in batches of similar length: inputs, targets, and what a decoder reads. Once every length has been seen, a batch allocates nothing.</summary>
internal sealed unsafe class SequenceBatches : IDisposable
{
    private readonly SequenceTask _task;
    private readonly SequenceScaling _scaling;
    private readonly IReadOnlyList<SequenceData> _inputs;
    private readonly IReadOnlyList<SequenceData>? _targets;
    private readonly LengthBuckets _buckets;
    private readonly ShapeCache _inputShapes = new();
    private readonly ShapeCache _targetShapes = new();
    private int _batch;

    /// <param name="task">The task.</param>
    /// <param name="scaling">How frames are standardised.</param>
    /// <param name="inputs">The inputs, checked.</param>
    /// <param name="targets">The targets, checked; <c>null</c>: none are wanted.</param>
    /// <param name="batchSize">B.</param>
    /// <param name="shuffleSeed">Seed of the order; <c>null</c>: one order by length.</param>
    public SequenceBatches(SequenceTask task, SequenceScaling scaling, IReadOnlyList<SequenceData> inputs, IReadOnlyList<SequenceData>? targets, int batchSize, long? shuffleSeed)
    {
        (_task, _scaling, _inputs, _targets) = (task, scaling, inputs, targets);
        var lengths = task.Shape == TaskShape.OneToMany && targets is not null ? targets : inputs;
        _buckets = new LengthBuckets([.. lengths.Select(data => data.Length)], batchSize, shuffleSeed);
        Input = new StepBlock(task.Input);
        Target = new StepBlock(task.Output);
        Read = new StepBlock(task.Output);
    }

    /// <summary>Batches an epoch.</summary>
    public int Count => _buckets.Count;

    /// <summary><see cref="Steps"/> of all batches of an epoch.</summary>
    public long StepsPerEpoch => _inputs.Sum(input => (long)input.Length) + (_task.Generates && _targets is not null ? _targets.Sum(target => (long)target.Length + (_task.Ends ? 1 : 0)) : 0);

    /// <summary>T, B and lengths of the inputs.</summary>
    public SequenceShape InputShape { get; private set; } = new(1, 1);

    /// <summary>T, B and lengths of the targets.</summary>
    public SequenceShape TargetShape { get; private set; } = new(1, 1);

    /// <summary>[T,B] or [T,B,F] what is read, standardised.</summary>
    public StepBlock Input { get; }

    /// <summary>[T,B] or [T,B,F] what is wanted, standardised; -1 or NaN where nothing is.</summary>
    public StepBlock Target { get; }

    /// <summary>What a decoder reads (teacher forcing): the targets, one step late, behind the start token or a frame of zeros.</summary>
    public StepBlock Read { get; }

    /// <summary>Steps read and, by a decoder, written.</summary>
    public long Steps { get; private set; }

    /// <summary>Which example stands in a row of the current batch.</summary>
    public ReadOnlySpan<int> Members => _buckets[_batch - 1];

    /// <summary>Starts over.</summary>
    public void BeginEpoch(int epoch)
    {
        _batch = 0;
        _buckets.Arrange(epoch);
    }

    /// <summary>Passes over so many batches.</summary>
    public void Skip(int batches) => _batch += batches;

    /// <summary>Moves to the next batch; <c>false</c> at the end of the epoch.</summary>
    public bool Next()
    {
        if (_batch >= Count)
            return false;
        var members = _buckets[_batch++];
        InputShape = Fill(members, _inputs, _inputShapes, extra: 0);
        Input.Reserve(InputShape);
        for (int row = 0; row < members.Length; row++)
            Input.Fill(InputShape, row, _inputs[members[row]], _scaling.Input, 0, 0, padding: 0);
        if (_targets is null)
            return true;

        int end = _task.Output.Size;
        TargetShape = Fill(members, _targets, _targetShapes, extra: _task.Ends ? 1 : 0);
        Target.Reserve(TargetShape);
        if (_task.Generates)
            Read.Reserve(TargetShape);
        for (int row = 0; row < members.Length; row++)
        {
            var target = _targets[members[row]];
            Target.Fill(TargetShape, row, target, _scaling.Output, 0, 0, padding: -1);
            if (_task.Ends)
                Target.Tokens[(long)target.Length * members.Length + row] = end;
            if (_task.Generates)
                Read.Fill(TargetShape, row, target, _scaling.Output, offset: 1, first: end, padding: 0);
        }

        return true;
    }

    public void Dispose()
    {
        Input.Dispose();
        Target.Dispose();
        Read.Dispose();
    }

    private SequenceShape Fill(ReadOnlySpan<int> members, IReadOnlyList<SequenceData> data, ShapeCache shapes, int extra)
    {
        int[] lengths = shapes.Lengths(members.Length);
        if (ReferenceEquals(data, _inputs))
            Steps = 0;
        for (int row = 0; row < lengths.Length; row++)
        {
            lengths[row] = data[members[row]].Length + extra;
            if (_task.Generates || ReferenceEquals(data, _inputs))
                Steps += lengths[row];
        }

        return shapes.Shape(members.Length);
    }
}
