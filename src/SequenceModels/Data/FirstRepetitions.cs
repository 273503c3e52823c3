namespace SequenceModels.Data;

/// <summary>Of repetitions that come in any order, the first ones by their lines.</summary>
internal sealed class FirstRepetitions(int wanted)
{
    private readonly PriorityQueue<Repetition, long> _queue = new();      // the last line on top, to make room for an earlier one

    public void Add(Repetition repetition)
    {
        if (_queue.Count < wanted)
        {
            _queue.Enqueue(repetition, -repetition.Line);
        }
        else
        {
            _queue.EnqueueDequeue(repetition, -repetition.Line);
        }
    }

    public IReadOnlyList<Repetition> InOrder() => [.. _queue.UnorderedItems.Select(item => item.Element).OrderBy(repetition => repetition.Line)];
}
