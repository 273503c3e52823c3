using SequenceModels.Kernels;
using SequenceModels.Training;

namespace SequenceModels.Tests.Training;

public sealed class TeamSizeTunerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void The_size_with_the_least_time_a_token_is_kept(int fastest)
    {
        using var team = new ThreadTeam(4);
        var tuner = new TeamSizeTuner(team);
        var tried = new HashSet<int>();
        for (int step = 0; !tuner.Settled; step++)
        {
            Assert.True(step < 100);
            tuner.BeforeStep();
            tried.Add(team.Size);

            // Batches of different sizes; the first round is slow everywhere.
            long tokens = 100 + step;
            double each = step < 3 ? 50 : team.Size == fastest ? 1 : 2;
            tuner.AfterStep(TimeSpan.FromMilliseconds(each * tokens), tokens);
        }

        Assert.Equal([1, 2, 4], tried.Order());
        Assert.Equal(fastest, team.Size);
        tuner.BeforeStep();
        tuner.AfterStep(TimeSpan.FromSeconds(100), 1);
        Assert.Equal(fastest, team.Size);
    }

    [Fact]
    public void A_team_of_one_has_no_choice()
    {
        using var team = new ThreadTeam(1);
        Assert.True(new TeamSizeTuner(team).Settled);
    }
}
