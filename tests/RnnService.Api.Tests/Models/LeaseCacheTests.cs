using RnnService.Api.Models;

namespace RnnService.Api.Tests.Models;

public sealed class LeaseCacheTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Many_who_ask_at_once_share_one_load()
    {
        using var cache = new LeaseCache<string, Thing>(100, s_patience, TimeProvider.System);
        int loads = 0;
        var gate = new TaskCompletionSource();
        var asking = Enumerable.Range(0, 50).Select(_ => cache.AcquireAsync(
            "a",
            10,
            async () =>
            {
                Interlocked.Increment(ref loads);
                await gate.Task;
                return new Thing();
            },
            CancellationToken.None)).ToList();
        gate.SetResult();
        var leases = await Task.WhenAll(asking);
        Assert.Equal(1, loads);
        Assert.All(leases, lease => Assert.Equal(LeaseStatus.Leased, lease.Status));
        Assert.Single(leases.Select(lease => lease.Lease!.Value).Distinct());
        Assert.Equal(10, cache.TakenBytes);
    }

    [Fact]
    public async Task Room_is_made_by_least_recent_use_before_a_value_is_added()
    {
        using var cache = new LeaseCache<string, Thing>(30, s_patience, TimeProvider.System);
        var a = await UseAsync(cache, "a", 10);
        var b = await UseAsync(cache, "b", 10);
        var c = await UseAsync(cache, "c", 10);
        Assert.Same(a, await UseAsync(cache, "a", 10));
        await UseAsync(cache, "d", 15);
        Assert.True(b.IsDisposed);
        Assert.True(c.IsDisposed);
        Assert.False(a.IsDisposed);
        Assert.Equal(25, cache.TakenBytes);
        Assert.Same(a, await UseAsync(cache, "a", 10));
        Assert.NotSame(b, await UseAsync(cache, "b", 5));
        Assert.Equal(30, cache.TakenBytes);
    }

    [Fact]
    public async Task A_value_in_use_is_never_disposed_and_a_load_waits_for_it()
    {
        using var cache = new LeaseCache<string, Thing>(10, s_patience, TimeProvider.System);
        var (_, lease) = await cache.AcquireAsync("a", 10, Load, CancellationToken.None);
        var thing = lease!.Value;
        var waiting = cache.AcquireAsync("b", 10, Load, CancellationToken.None);
        await Task.Delay(50);
        Assert.False(waiting.IsCompleted);
        Assert.False(thing.IsDisposed);
        lease.Dispose();
        lease.Dispose();
        var (status, second) = await waiting;
        Assert.Equal(LeaseStatus.Leased, status);
        Assert.True(thing.IsDisposed);
        second!.Dispose();
        Assert.False(second is null);
        Assert.Equal(10, cache.TakenBytes);
    }

    [Fact]
    public async Task Where_no_room_comes_free_in_time_the_answer_is_busy()
    {
        using var cache = new LeaseCache<string, Thing>(10, TimeSpan.FromMilliseconds(30), TimeProvider.System);
        var (_, lease) = await cache.AcquireAsync("a", 10, Load, CancellationToken.None);
        Assert.Equal(LeaseStatus.Busy, (await cache.AcquireAsync("b", 1, Load, CancellationToken.None)).Status);
        Assert.False(lease!.Value.IsDisposed);
        lease.Dispose();
        Assert.Equal(LeaseStatus.Leased, (await cache.AcquireAsync("b", 1, Load, CancellationToken.None)).Status);
    }

    [Fact]
    public async Task A_value_larger_than_the_cache_is_refused_and_costs_the_others_nothing()
    {
        using var cache = new LeaseCache<string, Thing>(10, s_patience, TimeProvider.System);
        var a = await UseAsync(cache, "a", 10);
        Assert.Equal(LeaseStatus.TooLarge, (await cache.AcquireAsync("b", 11, () => throw new InvalidOperationException("It must not be loaded."), CancellationToken.None)).Status);
        Assert.Same(a, await UseAsync(cache, "a", 10));
    }

    [Fact]
    public async Task A_load_that_gives_nothing_or_fails_keeps_no_room_and_is_tried_again()
    {
        using var cache = new LeaseCache<string, Thing>(10, s_patience, TimeProvider.System);
        Assert.Equal(LeaseStatus.Unavailable, (await cache.AcquireAsync("a", 10, () => Task.FromResult<Thing?>(null), CancellationToken.None)).Status);
        await Assert.ThrowsAsync<IOException>(() => cache.AcquireAsync("a", 10, () => throw new IOException("disk"), CancellationToken.None));
        Assert.Equal(0, cache.TakenBytes);
        Assert.Equal(LeaseStatus.Leased, (await cache.AcquireAsync("a", 10, Load, CancellationToken.None)).Status);
    }

    [Fact]
    public async Task One_caller_who_gives_up_does_not_spoil_the_load_of_the_others()
    {
        using var cache = new LeaseCache<string, Thing>(10, s_patience, TimeProvider.System);
        using var givingUp = new CancellationTokenSource();
        var gate = new TaskCompletionSource();
        var first = cache.AcquireAsync(
            "a",
            10,
            async () =>
            {
                await gate.Task;
                return new Thing();
            },
            givingUp.Token);
        var second = cache.AcquireAsync("a", 10, Load, CancellationToken.None);
        await givingUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gate.SetResult();
        Assert.Equal(LeaseStatus.Leased, (await second).Status);
    }

    [Fact]
    public async Task A_value_that_is_removed_is_disposed_after_its_last_use()
    {
        using var cache = new LeaseCache<string, Thing>(10, s_patience, TimeProvider.System);
        var (_, lease) = await cache.AcquireAsync("a", 10, Load, CancellationToken.None);
        var thing = lease!.Value;
        cache.Remove("a");
        cache.Remove("a");
        Assert.False(thing.IsDisposed);
        Assert.Null(cache.LeaseHeldOrNull("a"));
        lease.Dispose();
        Assert.True(thing.IsDisposed);
        Assert.Equal(0, cache.TakenBytes);
        Assert.Throws<ObjectDisposedException>(() => lease.Value);
    }

    [Fact]
    public async Task Under_load_from_many_sides_the_bound_holds_and_nothing_in_use_is_disposed()
    {
        using var cache = new LeaseCache<int, Thing>(50, s_patience, TimeProvider.System);
        await Parallel.ForEachAsync(Enumerable.Range(0, 4000), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            int key = i * 31 % 17;
            var (status, lease) = await cache.AcquireAsync(key, 5 + key % 3, () => Task.FromResult<Thing?>(new Thing()), CancellationToken.None);
            Assert.Equal(LeaseStatus.Leased, status);
            Assert.True(cache.TakenBytes <= 50);
            await Task.Yield();
            Assert.False(lease!.Value.IsDisposed);
            lease.Dispose();
        });
    }

    private static Task<Thing?> Load() => Task.FromResult<Thing?>(new Thing());

    private static async Task<Thing> UseAsync(LeaseCache<string, Thing> cache, string key, long bytes)
    {
        var (status, lease) = await cache.AcquireAsync(key, bytes, Load, CancellationToken.None);
        Assert.Equal(LeaseStatus.Leased, status);
        using (lease)
            return lease!.Value;
    }

    private sealed class Thing : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose()
        {
            Assert.False(IsDisposed);
            IsDisposed = true;
        }
    }
}
