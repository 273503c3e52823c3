using SequenceModels.Kernels;

namespace SequenceModels.Tests.Kernels;

public sealed class ThreadTeamTests
{
    [Theory]
    [InlineData(1, 20_000)]
    [InlineData(2, 20_000)]
    [InlineData(3, 2_000)]
    [InlineData(8, 500)] // more members than cores wait for their turn at each task
    public async Task Every_member_runs_once_a_task_however_many_tasks_follow_one_another(int size, int tasks)
    {
        var counts = new int[size];
        var work = Task.Run(() =>
        {
            using var team = new ThreadTeam(size);
            for (int i = 0; i < tasks; i++)
                team.Run(member => counts[member]++);
        });

        await work.WaitAsync(TimeSpan.FromMinutes(2)); // a lost wake-up would hang
        Assert.All(counts, count => Assert.Equal(tasks, count));
    }

    [Fact]
    public void Every_part_of_work_too_small_for_a_meeting_is_the_callers()
    {
        using var team = new ThreadTeam(3);
        var threads = new int[3];

        team.Run(member => threads[member] = Environment.CurrentManagedThreadId, 1);
        Assert.All(threads, thread => Assert.Equal(Environment.CurrentManagedThreadId, thread));

        team.Run(member => threads[member] = Environment.CurrentManagedThreadId, long.MaxValue);
        Assert.Equal(3, threads.Distinct().Count());
    }

    [Fact]
    public void Sleeping_members_wake_up()
    {
        using var team = new ThreadTeam(4);
        var counts = new int[4];
        for (int i = 0; i < 20; i++)
        {
            team.Run(member => counts[member]++);
            Thread.Sleep(5); // long enough for all members to give up spinning
        }

        Assert.All(counts, count => Assert.Equal(20, count));
    }

    [Fact]
    public void A_members_failure_reaches_the_caller_and_the_team_goes_on()
    {
        using var team = new ThreadTeam(2);
        var failure = Assert.Throws<AggregateException>(() => team.Run(member => { if (member == 1) throw new InvalidOperationException("broken"); }));
        Assert.Equal("broken", Assert.IsType<InvalidOperationException>(failure.InnerException).Message);

        int runs = 0;
        team.Run(_ => Interlocked.Increment(ref runs));
        Assert.Equal(2, runs);
    }

    [Fact]
    public void Shares_cover_all_items_once_in_whole_grains()
    {
        using var team = new ThreadTeam(3);
        foreach (var (count, grain) in new[] { (0, 1), (1, 1), (7, 1), (100, 16), (33, 12), (2, 16) })
        {
            int next = 0;
            for (int member = 0; member < 3; member++)
            {
                var (start, end) = team.Share(member, count, grain);
                Assert.Equal(next, start);
                Assert.True(start % grain == 0 || start == count);
                next = end;
            }

            Assert.Equal(count, next);
        }
    }

    [Fact]
    public void Only_the_members_in_use_take_part()
    {
        using var team = new ThreadTeam(4);
        var calls = new int[4];
        for (int round = 0; round < 200; round++)
        {
            int members = round % 4 + 1;
            team.Use(members);
            Array.Clear(calls);
            team.Run(member => Interlocked.Increment(ref calls[member]));
            Assert.Equal(Enumerable.Range(0, 4).Select(member => member < members ? 1 : 0), calls);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => team.Use(5));
        Assert.Throws<ArgumentOutOfRangeException>(() => team.Use(0));
    }
}
