namespace RnnService.Api.Storage;

/// <summary>One holder of a key at a time. A key takes memory only while somebody holds it or waits for it.</summary>
public sealed class KeyedTurns<T>
    where T : notnull
{
    private readonly Dictionary<T, Line> _lines = [];

    /// <summary>Waits for the turn, which lasts until the result is disposed.</summary>
    public async Task<IDisposable> EnterAsync(T key, CancellationToken cancellationToken)
    {
        Line line;
        lock (_lines)
        {
            if (!_lines.TryGetValue(key, out line!))
                _lines.Add(key, line = new Line());
            line.Present++;
        }

        try
        {
            await line.Turn.WaitAsync(cancellationToken);
        }
        catch
        {
            Leave(key, line);
            throw;
        }

        return new Turn(() =>
        {
            line.Turn.Release();
            Leave(key, line);
        });
    }

    private void Leave(T key, Line line)
    {
        lock (_lines)
        {
            if (--line.Present > 0)
                return;
            _lines.Remove(key);
        }

        line.Turn.Dispose();
    }

    /// <summary>Who holds a key and who waits for it.</summary>
    private sealed class Line
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);

        public int Present { get; set; }
    }

    private sealed class Turn(Action leave) : IDisposable
    {
        private Action? _leave = leave;

        public void Dispose() => Interlocked.Exchange(ref _leave, null)?.Invoke();
    }
}
