using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Memory;

namespace RnnService.Api.Models;

/// <summary>How asking for a cached value ended.</summary>
public enum LeaseStatus
{
    /// <summary>The value is leased.</summary>
    Leased,

    /// <summary>The value could not be loaded; the loader has said why.</summary>
    Unavailable,

    /// <summary>The value alone is larger than the whole cache.</summary>
    TooLarge,

    /// <summary>All room is taken by values in use, and none of it came free in time.</summary>
    Busy,
}

/// <summary>
/// Values bounded in bytes, lent out by lease. <see cref="IMemoryCache"/> holds and counts them; what it lacks is added here: one load at
/// a time for a key, room made by least recent use <em>before</em> a value is added (above its limit it would drop the newcomer), and no
/// value disposed while it is in use.
/// </summary>
/// <param name="limitBytes">Bytes of all values together.</param>
/// <param name="patience">How long a load waits for values in use to come free.</param>
/// <param name="time">The clock of <paramref name="patience"/>.</param>
public sealed class LeaseCache<TKey, TValue>(long limitBytes, TimeSpan patience, TimeProvider time) : IDisposable
    where TKey : notnull
    where TValue : class, IDisposable
{
    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = limitBytes });
    private readonly Dictionary<TKey, Entry> _resident = [];
    private readonly ConcurrentDictionary<TKey, Lazy<Task<LeaseStatus>>> _loading = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource _roomChanged = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _taken;
    private long _uses;

    /// <summary>Bytes of all values together at most.</summary>
    public long LimitBytes => limitBytes;

    /// <summary>Bytes of the values held and of those being loaded.</summary>
    public long TakenBytes
    {
        get
        {
            lock (_gate)
                return _taken;
        }
    }

    /// <summary>Leases the value of a key if it is held; <c>null</c> when it would have to be loaded.</summary>
    public Lease? LeaseHeldOrNull(TKey key)
    {
        lock (_gate)
        {
            if (!_cache.TryGetValue(key, out Entry? entry) || entry is null)
                return null;
            entry.Uses++;
            entry.LastUse = ++_uses;
            return new Lease(this, entry);
        }
    }

    /// <summary>Leases the value of a key, loading it when it is not held. Callers that ask at the same time share one load.</summary>
    /// <param name="key">The value's key.</param>
    /// <param name="bytes">What the value will be charged.</param>
    /// <param name="load">Loads it; <c>null</c> when it cannot be had. Not cancelled by one caller, for others may wait for it too.</param>
    /// <param name="cancellationToken">Ends the waiting of this caller.</param>
    public async Task<(LeaseStatus Status, Lease? Lease)> AcquireAsync(TKey key, long bytes, Func<Task<TValue?>> load, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (LeaseHeldOrNull(key) is { } lease)
                return (LeaseStatus.Leased, lease);

            var flight = _loading.GetOrAdd(key, _ => new Lazy<Task<LeaseStatus>>(() => Task.Run(() => LoadAsync(key, bytes, load), CancellationToken.None)));
            var status = await flight.Value.WaitAsync(cancellationToken);
            if (status != LeaseStatus.Leased)
                return (status, null);
        }
    }

    /// <summary>Forgets a value. It is disposed as soon as nobody uses it.</summary>
    public void Remove(TKey key)
    {
        Entry? unused = null;
        lock (_gate)
        {
            if (_resident.TryGetValue(key, out var entry))
                unused = Drop(entry);
        }

        unused?.Value.Dispose();
    }

    public void Dispose()
    {
        List<Entry> unused;
        lock (_gate)
            unused = [.. _resident.Values.ToList().Select(Drop).OfType<Entry>()];
        foreach (var entry in unused)
            entry.Value.Dispose();
        _cache.Dispose();
    }

    private async Task<LeaseStatus> LoadAsync(TKey key, long bytes, Func<Task<TValue?>> load)
    {
        bool reserved = false;
        try
        {
            // Another flight may have ended between the caller's look and this one.
            lock (_gate)
            {
                if (_resident.ContainsKey(key))
                    return LeaseStatus.Leased;
            }

            if (bytes > limitBytes)
                return LeaseStatus.TooLarge;
            reserved = await ReserveAsync(bytes);
            if (!reserved)
                return LeaseStatus.Busy;
            if (await load() is not { } value)
                return LeaseStatus.Unavailable;

            var entry = new Entry(key, value, bytes);
            lock (_gate)
            {
                entry.LastUse = ++_uses;
                _cache.Set(key, entry, new MemoryCacheEntryOptions { Size = bytes, Priority = CacheItemPriority.NeverRemove });
                _resident.Add(key, entry);
                reserved = false; // the room now belongs to the entry
            }

            return LeaseStatus.Leased;
        }
        finally
        {
            if (reserved)
                Free(bytes);
            _loading.TryRemove(key, out _);
        }
    }

    private async Task<bool> ReserveAsync(long bytes)
    {
        long deadline = time.GetTimestamp();
        while (true)
        {
            Task changed;
            List<Entry> unused = [];
            bool enough;
            lock (_gate)
            {
                foreach (var entry in _resident.Values.Where(entry => entry.Uses == 0).OrderBy(entry => entry.LastUse).ToList())
                {
                    if (_taken + bytes <= limitBytes)
                        break;
                    unused.Add(Drop(entry)!);
                }

                enough = _taken + bytes <= limitBytes;
                if (enough)
                    _taken += bytes;
                changed = _roomChanged.Task;
            }

            foreach (var entry in unused)
                entry.Value.Dispose();
            if (enough)
                return true;

            var left = patience - time.GetElapsedTime(deadline);
            if (left <= TimeSpan.Zero)
                return false;
            try
            {
                await changed.WaitAsync(left, time);
            }
            catch (TimeoutException)
            {
                return false;
            }
        }
    }

    /// <summary>Takes an entry out of the cache; returns it when it can be disposed at once. Called with the gate held.</summary>
    private Entry? Drop(Entry entry)
    {
        _cache.Remove(entry.Key);
        _resident.Remove(entry.Key);
        entry.Dropped = true;
        if (entry.Uses > 0)
            return null;
        FreeHeld(entry.Bytes);
        return entry;
    }

    private void Return(Entry entry)
    {
        bool unused;
        lock (_gate)
        {
            entry.Uses--;
            unused = entry is { Dropped: true, Uses: 0 };
            if (unused)
                FreeHeld(entry.Bytes);
            else if (entry.Uses == 0)
                SignalRoom();
        }

        if (unused)
            entry.Value.Dispose();
    }

    private void Free(long bytes)
    {
        lock (_gate)
            FreeHeld(bytes);
    }

    private void FreeHeld(long bytes)
    {
        _taken -= bytes;
        SignalRoom();
    }

    private void SignalRoom()
    {
        var changed = _roomChanged;
        _roomChanged = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.TrySetResult();
    }

    /// <summary>The use of a value, which is not disposed before the lease is.</summary>
    public sealed class Lease : IDisposable
    {
        private readonly LeaseCache<TKey, TValue> _owner;
        private Entry? _entry;

        internal Lease(LeaseCache<TKey, TValue> owner, Entry entry) => (_owner, _entry) = (owner, entry);

        public TValue Value => _entry?.Value ?? throw new ObjectDisposedException(nameof(Lease));

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _entry, null) is { } entry)
                _owner.Return(entry);
        }
    }

    /// <summary>A value held, with what it is charged and how many use it.</summary>
    internal sealed class Entry(TKey key, TValue value, long bytes)
    {
        public TKey Key => key;

        public TValue Value => value;

        public long Bytes => bytes;

        public int Uses { get; set; }

        public long LastUse { get; set; }

        public bool Dropped { get; set; }
    }
}
