using System.Text.Json;
using System.Text.Json.Serialization;
using FsCheck.Xunit;
using SequenceModels.Tasks;
using SequenceModels.Training;
using SequenceModels.Training.Advice;

namespace SequenceModels.Tests.Training;

/// <summary>A learning curve of bounded length, against what it is defined to keep.</summary>
public sealed class ThinnedCurveTests
{
    private static readonly JsonSerializerOptions s_json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    [Fact]
    public void Up_to_the_bound_every_point_is_kept()
    {
        var all = Validations(1, ThinnedCurve.Most);
        var curve = new ThinnedCurve();
        foreach (var (point, best) in all)
            curve.Add(point, best);
        Assert.Equal(all.Select(validation => validation.Point), curve.Points);
        Assert.Equal((ThinnedCurve.Most, 0), (curve.Validations, curve.Doublings));
    }

    [Property(MaxTest = 20)]
    public void Beyond_it_what_is_kept_depends_on_the_validations_alone(int seed)
    {
        var all = Validations(seed, 5000 + new Random(seed).Next(30_000));
        var (whole, resumed) = (new ThinnedCurve(), new ThinnedCurve());
        for (int i = 0; i < all.Count; i++)
        {
            whole.Add(all[i].Point, all[i].IsBest);
            if (i % 3001 == 3000)
                resumed = JsonSerializer.Deserialize<ThinnedCurve>(JsonSerializer.Serialize(resumed, s_json), s_json)!;
            resumed.Add(all[i].Point, all[i].IsBest);
            Assert.InRange(whole.Points.Count, Math.Min(i + 1, ThinnedCurve.Most / 2), ThinnedCurve.Most);
            Assert.Equal(all[i].Point, whole.Points[^1]);
            if (i % 1777 == 0 || i == all.Count - 1)
                Assert.Equal(Defined(all.GetRange(0, i + 1), whole.Doublings), whole.Points);
        }

        Assert.True(whole.Doublings >= 1);
        Assert.Equal((whole.Validations, whole.Doublings, whole.Best), (resumed.Validations, resumed.Doublings, resumed.Best));
        Assert.Equal(whole.Points, resumed.Points);
        Assert.Equal(whole.Numbers, resumed.Numbers);
    }

    [Property(MaxTest = 20)]
    public void The_doctor_says_of_it_what_it_says_of_all_validations(int seed)
    {
        var all = Validations(seed, 12_000);
        var facts = new RunFacts { Task = TaskKind.LanguageModel, Parameters = 10, ValidationTargets = 10, GuessLoss = 3, FrequencyLoss = 1.2, PairLoss = 1.1, GradientClipNorm = 0.04 };
        var given = new HashSet<string>();
        var curve = new ThinnedCurve();
        var whole = new List<EpochMetrics>();
        foreach (var (point, best) in all)
        {
            curve.Add(point, best);
            whole.Add(point);
            if (whole.Count > ThinnedCurve.Most && whole.Count % 97 < 3)
            {
                bool ended = whole.Count % 97 == 0;
                Assert.Equal(Advice(whole, ended), Advice(curve.Points, ended));
                given.UnionWith(Advice(whole, ended));
            }
        }

        Assert.NotEmpty(given);

        IEnumerable<string> Advice(IReadOnlyList<EpochMetrics> points, bool ended) => new TrainingDoctor(facts, []).Examine(points, null, ended).Select(advice => $"{advice.Kind} {advice.Cause}");
    }

    /// <summary>The first, the best, the last two, the last five ends of epochs, and of every 2ᵈ in a row the first end of an epoch, or else the first.</summary>
    private static IEnumerable<EpochMetrics> Defined(List<(EpochMetrics Point, bool IsBest)> all, int doublings)
    {
        var kept = new SortedSet<int> { 0, all.Count - 2, all.Count - 1 };
        if (all.FindLastIndex(validation => validation.IsBest) is >= 0 and var best)
            kept.Add(best);
        kept.UnionWith(Enumerable.Range(0, all.Count).Where(i => all[i].Point.EpochEnded).TakeLast(5));
        foreach (int[] block in Enumerable.Range(0, all.Count).Chunk(1 << doublings))
            kept.Add(block.Where(i => all[i].Point.EpochEnded).DefaultIfEmpty(block[0]).First());
        return kept.Where(i => i >= 0).Select(i => all[i].Point);
    }

    /// <summary>Losses that fall, flutter and rise again, epochs of random length.</summary>
    private static List<(EpochMetrics Point, bool IsBest)> Validations(int seed, int count)
    {
        var random = new Random(seed);
        int epoch = 1, turn = random.Next(1, count), longest = random.Next(2) == 0 ? 5 : 1500;
        double least = double.PositiveInfinity;
        var all = new List<(EpochMetrics Point, bool IsBest)>(count);
        for (int i = 0; i < count; i++)
        {
            bool ended = random.Next(longest) == 0;
            double loss = random.Next(50) == 0 ? double.NaN : 2 + Math.Abs(i - turn) / (double)count + random.NextDouble() / 10;
            all.Add((new EpochMetrics(epoch, 1.3 - 0.1 * i / count, loss, null, 0.1, random.NextDouble(), i, 3 * i, ended), loss < least));
            least = loss < least ? loss : least;
            epoch += ended ? 1 : 0;
        }

        return all;
    }
}
