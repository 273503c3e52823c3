using SequenceModels.Sampling;

namespace SequenceModels.Evaluation;

/// <summary>
/// Gathers the losses of a language model's tokens, passage by passage (lines, or blocks of one text), and makes an evaluation of them. With N tokens, S their negative log-probabilities added and C the characters
/// that they stand for: loss <c>S / N</c>, perplexity <c>exp(S / N)</c>, bits a token <c>S / (N ln 2)</c>, bits a character <c>S / (C ln 2)</c>. Bits a character can be compared between tokenizers; the others only within one.
/// </summary>
/// <param name="passages">Number of passages.</param>
internal sealed class LanguageModelScores(int passages)
{
    /// <summary>Passages of the highest loss that are told.</summary>
    public const int Hardest = 20;

    /// <summary>The k of top-k accuracy.</summary>
    public const int TopRanks = 5;

    private readonly double[] _nats = new double[passages];
    private readonly int[] _tokens = new int[passages];
    private long _first;
    private long _among;
    private long _unknown;

    /// <summary>Takes one token.</summary>
    /// <param name="passage">The passage that it is in.</param>
    /// <param name="loss">Its negative log-probability.</param>
    /// <param name="rank">How many tokens were more probable.</param>
    /// <param name="unknown">Whether it stands for whatever the vocabulary does not have.</param>
    public void Add(int passage, double loss, int rank, bool unknown)
    {
        _nats[passage] += loss;
        _tokens[passage]++;
        _first += rank == 0 ? 1 : 0;
        _among += rank < TopRanks ? 1 : 0;
        _unknown += unknown ? 1 : 0;
    }

    /// <param name="meanLoss">Mean loss of all tokens, as training computes it.</param>
    /// <param name="charactersOf">The characters that the tokens of a passage stand for, which need not be whole.</param>
    /// <param name="units">[passages] what is drawn anew for the intervals.</param>
    /// <param name="unit">Its name.</param>
    /// <param name="passageOf">Describes a hard passage by its number, tokens and nats a token.</param>
    /// <param name="seed">Key of the intervals.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public LanguageModelEvaluation Evaluate(
        double meanLoss, Func<int, double> charactersOf, int[] units, string unit, Func<int, int, double, HardPassage> passageOf, long seed, CancellationToken cancellationToken)
    {
        double[] characters = [.. Enumerable.Range(0, passages).Select(charactersOf)];
        long tokens = _tokens.Sum(count => (long)count);
        double all = characters.Sum();
        return new LanguageModelEvaluation
        {
            Metrics = new Dictionary<string, double>
            {
                ["validationLoss"] = meanLoss,
                ["perplexity"] = Math.Exp(meanLoss),
                ["bitsPerToken"] = meanLoss / Math.Log(2),
                ["tokens"] = tokens,
                ["bitsPerCharacter"] = BitsPerCharacter(meanLoss * tokens, all),
                ["characters"] = Math.Round(all),
                ["top1Accuracy"] = (double)_first / tokens,
                ["top5Accuracy"] = (double)_among / tokens,
                ["unknownShare"] = (double)_unknown / tokens,
            },
            Intervals = Intervals(characters, units, seed, cancellationToken),
            IntervalUnit = unit,
            Hardest = [.. Enumerable.Range(0, passages).Where(passage => _tokens[passage] > 0).OrderByDescending(passage => _nats[passage] / _tokens[passage]).ThenBy(passage => passage)
                .Take(Hardest).Select(passage => passageOf(passage, _tokens[passage], _nats[passage] / _tokens[passage]))],
        };
    }

    private static double BitsPerCharacter(double nats, double characters) => nats / (characters * Math.Log(2));

    private Dictionary<string, ConfidenceInterval> Intervals(double[] characters, int[] units, long seed, CancellationToken cancellationToken)
    {
        // The sums of each unit are what a resample adds up.
        int count = units.Max() + 1;
        var (nats, tokens, lengths) = (new double[count], new long[count], new double[count]);
        for (int passage = 0; passage < passages; passage++)
        {
            nats[units[passage]] += _nats[passage];
            tokens[units[passage]] += _tokens[passage];
            lengths[units[passage]] += characters[passage];
        }

        string[] names = ["validationLoss", "perplexity", "bitsPerCharacter"];
        var intervals = Bootstrap.Intervals(count, names.Length, Compute, seed, cancellationToken: cancellationToken);
        return names.Zip(intervals).ToDictionary(pair => pair.First, pair => pair.Second);

        void Compute(ReadOnlySpan<int> multiplicities, Span<double> results)
        {
            double sum = 0, length = 0;
            long drawn = 0;
            for (int unit = 0; unit < multiplicities.Length; unit++)
            {
                sum += multiplicities[unit] * nats[unit];
                drawn += multiplicities[unit] * tokens[unit];
                length += multiplicities[unit] * lengths[unit];
            }

            (results[0], results[1], results[2]) = (sum / drawn, SamplingMath.Exp(sum / drawn), BitsPerCharacter(sum, length));
        }
    }
}
