namespace SequenceModels.Training;

/// <summary>
/// The learning curve of a run of any length in bounded memory: all its points up to <see cref="Most"/>, from then on one of every 2, 4, 8 ... validations. What stands in it depends on the validations alone, not on when the run was
/// interrupted. Always in it are the first, the best and the last two points and the last five ends of epochs: those that <see cref="Advice.TrainingDoctor"/> judges by, so that it says of the thinned curve what it would say of the whole one.
/// </summary>
internal sealed class ThinnedCurve
{
    /// <summary>Points at most.</summary>
    public const int Most = 4096;

    private const int Last = 2;
    private const int LastEnds = 5;

    /// <summary>The points that are kept, in their order.</summary>
    public List<EpochMetrics> Points { get; set; } = [];

    /// <summary>The number of each among all validations, from 0.</summary>
    public List<long> Numbers { get; set; } = [];

    /// <summary>Validations so far.</summary>
    public long Validations { get; set; }

    /// <summary>Of so many validations in a row, as a power of 2, one is kept: the first end of an epoch among them, or else the first of them.</summary>
    public int Doublings { get; set; }

    /// <summary>The number of the best validation; -1 before there is one.</summary>
    public long Best { get; set; } = -1;

    /// <summary>The numbers of the last ends of epochs.</summary>
    public List<long> Ends { get; set; } = [];

    /// <summary>Adds the newest point, and leaves out what it makes superfluous.</summary>
    /// <param name="point">The point.</param>
    /// <param name="best">Whether its loss is the least so far.</param>
    public void Add(EpochMetrics point, bool best)
    {
        long number = Validations++;
        Points.Add(point);
        Numbers.Add(number);
        if (best)
        {
            long before = Best;
            Best = number;
            Release(before);
        }

        if (point.EpochEnded)
        {
            Ends.Add(number);
            if (Ends.Count > LastEnds)
            {
                long before = Ends[0];
                Ends.RemoveAt(0);
                Release(before);
            }

            Release(Block(number) << Doublings); // which stood for those of its block as long as none ended an epoch
        }

        Release(number - Last);
        while (Points.Count > Most)
            Thin();
    }

    private void Thin()
    {
        Doublings++;
        int[] kept = [.. Enumerable.Range(0, Points.Count).Where(IsKept)];
        Points = [.. kept.Select(i => Points[i])];
        Numbers = [.. kept.Select(i => Numbers[i])];
    }

    /// <summary>Leaves a point out if it is there and nothing keeps it any more.</summary>
    private void Release(long number)
    {
        int i = Numbers.BinarySearch(number);
        if (i < 0 || IsKept(i))
            return;
        Points.RemoveAt(i);
        Numbers.RemoveAt(i);
    }

    private bool IsKept(int i) =>
        Numbers[i] == 0 || Numbers[i] == Best || Numbers[i] >= Validations - Last || Ends.Contains(Numbers[i]) || StandsForItsBlock(i);

    // The one that stands for its block is never left out: so those that are there suffice to tell which it is.
    private bool StandsForItsBlock(int i)
    {
        long block = Block(Numbers[i]);
        bool ends = Points[i].EpochEnded;
        for (int j = i - 1; j >= 0 && Block(Numbers[j]) == block; j--)
        {
            if (Points[j].EpochEnded || !ends)
                return false;
        }

        for (int j = i + 1; !ends && j < Points.Count && Block(Numbers[j]) == block; j++)
        {
            if (Points[j].EpochEnded)
                return false;
        }

        return true;
    }

    private long Block(long number) => number >> Doublings;
}
