namespace SequenceModels.Kernels;

/// <summary>
/// A fixed team of threads that runs one function on all members at once. The caller is member 0; the others spin for some microseconds after a
/// task, then sleep. Not for use by several callers at a time.
/// </summary>
internal sealed class ThreadTeam : IDisposable
{
    private const int SpinsBeforeSleep = 300;
    private const int MostMembers = 0xFFFF;

    /// <summary>So many multiply-adds are done by one member in about the time that a team takes to meet.</summary>
    private const long SmallestShared = 1 << 17;
    private readonly object _gate = new();
    private readonly ManualResetEventSlim _done = new();
    private readonly Thread[] _threads;
    private Action<int> _work = static _ => { };
    private Exception? _failure;
    private long _task; // number of the task, times 2^16, plus the members that take part in it: what is read together stays together
    private int _remaining;
    private bool _stopping;

    /// <summary>Starts the members but the first, which is the thread that calls <see cref="Run(Action{int})"/>.</summary>
    /// <param name="size">Members, the caller included, 1 or more.</param>
    /// <param name="threadStarted">Called once on each thread of the team but the caller's, for example to set its priority.</param>
    public ThreadTeam(int size, Action? threadStarted = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, MostMembers);
        Size = Capacity = size;
        _threads = new Thread[size - 1];
        for (int i = 0; i < _threads.Length; i++)
        {
            int member = i + 1;
            _threads[i] = new Thread(() =>
            {
                threadStarted?.Invoke();
                Serve(member);
            })
            {
                IsBackground = true,
                Name = $"SequenceModels {member}",
            };
            _threads[i].Start();
        }

        // The event makes the lock that it sleeps on at its first true wait: here, so that no task allocates.
        if (size > 1)
            _done.Wait(1);
    }

    /// <summary>Members that there are, the caller included.</summary>
    public int Capacity { get; }

    /// <summary>Members that take part in tasks, the first ones: all at first.</summary>
    public int Size { get; private set; }

    /// <summary>Has only so many members take part from the next task on; the others sleep. Between tasks only.</summary>
    public void Use(int members)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(members, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(members, Capacity);
        Size = members;
    }

    /// <summary>The part [start, end) of <paramref name="count"/> items that falls to a member: contiguous, sizes differing by <paramref name="grain"/> at most.</summary>
    public (int Start, int End) Share(int member, int count, int grain = 1)
    {
        int grains = (count + grain - 1) / grain;
        int start = (int)((long)grains * member / Size) * grain, end = (int)((long)grains * (member + 1) / Size) * grain;
        return (Math.Min(start, count), Math.Min(end, count));
    }

    /// <summary>Runs <paramref name="work"/> once for each member and returns when all are done.</summary>
    /// <param name="work">Receives the member's number; kept by the caller, so that no call allocates.</param>
    /// <exception cref="AggregateException">A member failed.</exception>
    public void Run(Action<int> work)
    {
        if (Size == 1)
        {
            work(0);
            return;
        }

        _done.Reset();
        _work = work;
        Volatile.Write(ref _remaining, Size - 1);
        Announce();
        try
        {
            work(0);
        }
        finally
        {
            var spinner = default(SpinWait);
            for (int i = 0; i < SpinsBeforeSleep && Volatile.Read(ref _remaining) > 0; i++)
                Thread.SpinWait(10);
            while (Volatile.Read(ref _remaining) > 0)
            {
                if (spinner.NextSpinWillYield)
                {
                    _done.Wait();
                    _done.Reset();
                }
                else
                    spinner.SpinOnce();
            }
        }

        if (Interlocked.Exchange(ref _failure, null) is { } failure)
            throw new AggregateException(failure);
    }

    /// <summary>As the other, but work that is done sooner than the members have met is left to the caller, part after part.</summary>
    /// <param name="work">Receives the member's number. No part may wait for another.</param>
    /// <param name="operations">Multiply-adds of all parts, or what takes their time.</param>
    /// <exception cref="AggregateException">A member failed.</exception>
    public void Run(Action<int> work, long operations)
    {
        if (operations >= SmallestShared)
        {
            Run(work);
            return;
        }

        for (int member = 0; member < Size; member++)
            work(member);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping = true;
        Announce();
        foreach (var thread in _threads)
            thread.Join();
        _done.Dispose();
    }

    private void Serve(int member)
    {
        long seen = 0;
        while (true)
        {
            WaitForWork(seen);
            seen = Volatile.Read(ref _task);
            if (_stopping)
                return;
            if (member >= (seen & MostMembers))
                continue;
            try
            {
                _work(member);
            }
            catch (Exception failure) // handed to the caller of Run
            {
                Interlocked.CompareExchange(ref _failure, failure, null);
            }

            // The caller may have seen the end already and begun another task: a late signal only makes it look again.
            if (Interlocked.Decrement(ref _remaining) == 0)
                _done.Set();
        }
    }

    private void WaitForWork(long seen)
    {
        for (int i = 0; i < SpinsBeforeSleep; i++)
        {
            if (Volatile.Read(ref _task) != seen)
                return;
            Thread.SpinWait(10);
        }

        lock (_gate)
        {
            while (Volatile.Read(ref _task) == seen)
                Monitor.Wait(_gate);
        }
    }

    /// <summary>Lets all members see that there is work (or that the team ends).</summary>
    private void Announce()
    {
        lock (_gate)
        {
            Volatile.Write(ref _task, (((_task >> 16) + 1) << 16) | (long)Size);
            Monitor.PulseAll(_gate);
        }
    }
}
