using SequenceModels.Sampling;

namespace SequenceModels.Evaluation;

/// <summary>
/// Gathers a classifier's logits, example by example, and makes an evaluation of them. Of each example a few numbers are held; all scores of all labels, which the areas under the curve need, only of so many examples,
/// evenly spaced, as make <see cref="MostScores"/>. The order in which examples come changes nothing.
/// </summary>
internal sealed class ClassifierScores
{
    /// <summary>Examples of the highest loss that are told.</summary>
    public const int Hardest = 20;

    /// <summary>Most scores of single labels that are held.</summary>
    public const int MostScores = 1 << 21;

    private readonly double _temperature;
    private readonly int[] _labels;
    private readonly int[] _predicted;
    private readonly double[] _losses;
    private readonly RowScores[] _plain;
    private readonly RowScores[] _scaled;
    private readonly double[] _probabilities;
    private readonly int _scoresOfARow;
    private readonly int _spacing;
    private readonly double[] _scores;

    public ClassifierScores(int examples, int classes, double temperature)
    {
        _temperature = temperature;
        (_labels, _predicted, _losses) = (new int[examples], new int[examples], new double[examples]);
        (_plain, _scaled, _probabilities) = (new RowScores[examples], new RowScores[examples], new double[classes]);
        _scoresOfARow = classes == 2 ? 1 : classes;
        _spacing = Spacing(examples, _scoresOfARow, MostScores);
        _scores = new double[(examples + _spacing - 1) / _spacing * _scoresOfARow];
    }

    /// <summary>Every how many-th example is held, so that no more than <paramref name="most"/> values are.</summary>
    public static int Spacing(int examples, int valuesOfARow, int most) =>
        (int)Math.Min(int.MaxValue, Math.Max(1, ((long)examples * valuesOfARow + most - 1) / most));

    /// <summary>Takes one example.</summary>
    /// <param name="index">Which.</param>
    /// <param name="label">Its label.</param>
    /// <param name="logits">[C] its logits.</param>
    /// <param name="loss">Its loss as training measures it, nats.</param>
    public void Set(int index, int label, ReadOnlySpan<float> logits, double loss)
    {
        int predicted = SamplingMath.ArgMax(logits);
        (_labels[index], _predicted[index], _losses[index]) = (label, predicted, loss);
        _plain[index] = Score(logits, label, predicted, 1);
        _scaled[index] = _temperature == 1 ? _plain[index] : Score(logits, label, predicted, _temperature);
        if (index % _spacing != 0)
            return;
        var scores = _scores.AsSpan(index / _spacing * _scoresOfARow, _scoresOfARow);
        if (_scoresOfARow == 1)
            scores[0] = (double)logits[1] - logits[0]; // in the order of the probability, and never rounded to 1
        else
            _probabilities.CopyTo(scores);
    }

    /// <param name="meanLoss">Mean of the losses, as training computes it.</param>
    /// <param name="seed">Key of the intervals.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public ClassifierEvaluation Evaluate(double meanLoss, long seed, CancellationToken cancellationToken)
    {
        var confusion = new ConfusionMatrix(_probabilities.Length);
        for (int i = 0; i < _labels.Length; i++)
            confusion.Add(_labels[i], _predicted[i]);
        CalibrationScores plain = Calibration(_plain), scaled = Calibration(_scaled);
        var metrics = new Dictionary<string, double>
        {
            ["validationLoss"] = meanLoss,
            ["accuracy"] = confusion.Accuracy,
            ["macroF1"] = confusion.MacroF1,
            ["microF1"] = confusion.MicroF1,
            ["rocAuc"] = AreaUnderCurve(),
            ["logLoss"] = scaled.LogLoss,
            ["brier"] = scaled.Brier,
            ["calibrationError"] = scaled.Reliability.ExpectedCalibrationError,
            ["examples"] = _labels.Length,
        };
        return new ClassifierEvaluation
        {
            Metrics = metrics,
            Intervals = Intervals(seed, cancellationToken),
            Confusion = confusion,
            Right = [.. _labels.Zip(_predicted, (label, predicted) => label == predicted)],
            Temperature = _temperature,
            Uncalibrated = plain,
            Calibrated = scaled,
            Hardest = HardestExamples(),
        };
    }

    private RowScores Score(ReadOnlySpan<float> logits, int label, int predicted, double temperature)
    {
        double logSum = TemperatureScaling.Probabilities(logits, temperature, _probabilities);
        return new(
            Math.Max(0, logSum - logits[label] / temperature), ProbabilityScores.BrierOfRow(_probabilities, label), _probabilities[predicted], _probabilities[label]);
    }

    private CalibrationScores Calibration(RowScores[] rows)
    {
        var table = new ReliabilityTable();
        double loss = 0, brier = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            table.Add(rows[i].Confidence, _labels[i] == _predicted[i]);
            loss += rows[i].Loss;
            brier += rows[i].Brier;
        }

        return new(loss / rows.Length, brier / rows.Length, table);
    }

    private double AreaUnderCurve()
    {
        int[] labels = [.. _labels.Where((_, index) => index % _spacing == 0)];
        return _scoresOfARow == 1
            ? RocAuc.Binary(_scores, [.. labels.Select(label => label == 1)])
            : RocAuc.OneVersusRest(_scores, labels, _scoresOfARow);
    }

    private Dictionary<string, ConfidenceInterval> Intervals(long seed, CancellationToken cancellationToken)
    {
        int[] units = Bootstrap.UnitsOfRows(_labels.Length, seed);
        int classes = _probabilities.Length;
        var (right, actual, predicted) = (new long[classes], new long[classes], new long[classes]);
        string[] names = ["accuracy", "macroF1", "validationLoss", "logLoss"];
        var intervals = Bootstrap.Intervals(units.Length == 0 ? 1 : units.Max() + 1, names.Length, Compute, seed, cancellationToken: cancellationToken);
        return names.Zip(intervals).ToDictionary(pair => pair.First, pair => pair.Second);

        void Compute(ReadOnlySpan<int> multiplicities, Span<double> results)
        {
            Array.Clear(right);
            Array.Clear(actual);
            Array.Clear(predicted);
            long examples = 0;
            double loss = 0, scaled = 0;
            for (int i = 0; i < units.Length; i++)
            {
                int times = multiplicities[units[i]];
                if (times == 0)
                    continue;
                examples += times;
                actual[_labels[i]] += times;
                predicted[_predicted[i]] += times;
                right[_labels[i]] += _labels[i] == _predicted[i] ? times : 0;
                loss += times * _losses[i];
                scaled += times * _scaled[i].Loss;
            }

            (results[0], results[1], results[2], results[3]) = ((double)right.Sum() / examples, ConfusionMatrix.MeanF1(right, actual, predicted), loss / examples, scaled / examples);
        }
    }

    private HardExample[] HardestExamples()
    {
        var least = new PriorityQueue<int, (double Loss, int Index)>();
        for (int i = 0; i < _scaled.Length; i++)
        {
            // Of equal losses the examples that come first are kept.
            least.Enqueue(i, (_scaled[i].Loss, -i));
            if (least.Count > Hardest)
                least.Dequeue();
        }

        return [.. least.UnorderedItems.Select(item => item.Element).OrderByDescending(i => _scaled[i].Loss).ThenBy(i => i)
            .Select(i => new HardExample(i, _labels[i], _predicted[i], _scaled[i].Confidence, _scaled[i].LabelProbability, _scaled[i].Loss))];
    }

    /// <summary>The scores of one example at one temperature.</summary>
    private readonly record struct RowScores(double Loss, double Brier, double Confidence, double LabelProbability);
}
