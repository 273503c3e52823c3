using System.Text;
using SequenceModels.Tasks;
using SequenceModels.Training;

namespace SequenceModels.Data;

/// <summary>Counts what a dataset holds and warns of what is seldom meant, in bounded memory.</summary>
internal sealed class StatisticsSink(Findings findings, DatasetOptions options, Func<Stream> openScratch, CancellationToken cancellationToken) : IRowSink, IDisposable
{
    private readonly CharacterCounts _characters = new();
    private readonly LengthCounts _lengths = new();
    private readonly WordCounts _words = new(lowerCase: options.IsLabelled);
    private readonly LabelCounts _labels = new();
    private readonly RepeatedTexts _repeated = new(openScratch, DatasetLimits.RememberedTexts, cancellationToken);
    private long _rows;

    public void AddText(ReadOnlySpan<byte> part)
    {
        _characters.Add(part);
        _words.Add(part);
    }

    public void AddRow(long line, ReadOnlySpan<byte> text, ReadOnlySpan<byte> label)
    {
        _rows++;
        var characters = _characters.Add(text);
        _lengths.Add(characters, line);
        _words.Add(text);
        _words.End();
        if (characters > DatasetLimits.LongRowCharacters)
        {
            findings.AddWarning(line, DatasetWarningCode.VeryLongRow, $"The text has {characters} characters; training reads only the first part of so long a row.");
        }

        if (_repeated.Add(text, line, label.IsEmpty ? 0 : _labels.Add(line, label)) is { } repetition)
        {
            findings.AddWarning(line, CodeOf(repetition), Message(repetition));
        }
    }

    public DatasetStatistics Complete()
    {
        _words.End();
        _labels.Warn(findings);
        var lengths = _lengths.ToStatisticsOrNull();
        WarnOfOutlier(lengths);
        AddLateRepetitions();
        (Rune Character, long Count)[] characters = [.. _characters.Counts];
        return new DatasetStatistics(options.Format == DatasetFormat.Text && _characters.Total > 0 ? 1 : _rows, _characters.Total, characters.Length, findings.UnusedColumns, _labels.Rows)
        {
            Lengths = lengths,
            FrequentCharacters = [.. characters
                .OrderByDescending(character => character.Count)
                .ThenBy(character => character.Character)
                .Take(DatasetLimits.FrequentCharacters)
                .Select(character => new CharacterCount(character.Character.ToString(), character.Count))],
            UnknownShare = _characters.Total == 0 ? null : new(
                VocabularyEstimate.UnknownShare(characters.Select(character => character.Count), 1, _characters.Total, minimumCount: 1),
                _words.Total == 0 ? null : VocabularyEstimate.UnknownShare(_words.Counts, _words.Spacing, _words.Total, LeastWordCount)),
        };
    }

    public void Dispose() => _repeated.Dispose();

    /// <summary>What the planner of a training chooses.</summary>
    private int LeastWordCount => options.IsLabelled ? ClassifierDefaults.MinimumCount(TokenizerKind.Word, (int)Math.Min(_rows, int.MaxValue)) : 2;

    private static string CodeOf(Repetition repetition) => repetition.Label == repetition.FirstLabel ? DatasetWarningCode.DuplicateText : DatasetWarningCode.ConflictingLabel;

    private string Message(Repetition repetition) => repetition.Label == repetition.FirstLabel
        ? $"The text repeats line {repetition.FirstLine}."
        : $"The text of line {repetition.FirstLine} is repeated under the label '{_labels.Name(repetition.Label)}'; there it is '{_labels.Name(repetition.FirstLabel)}'.";

    private void AddLateRepetitions()
    {
        var (count, first) = _repeated.Complete(DatasetLimits.ReportedFindings);
        findings.AddLateWarnings(count, [.. first.Select(repetition => new DatasetWarning(repetition.Line, CodeOf(repetition), Message(repetition)))]);
        if (_repeated.FirstNotCompared is var line and > 0)
        {
            findings.AddGeneralWarning(line, DatasetWarningCode.DuplicatesNotAllChecked,
                "Texts new from this line on were not compared with one another: the temporary file that this takes could not be written, or the disk has too little room.");
        }
    }

    private void WarnOfOutlier(LengthStatistics? lengths)
    {
        if (lengths is { Maximum: > DatasetLimits.OutlierCharacters and <= DatasetLimits.LongRowCharacters } && _rows >= DatasetLimits.OutlierRows && lengths.Maximum > DatasetLimits.OutlierRatio * lengths.Percentile95)
        {
            findings.AddGeneralWarning(_lengths.LongestLine, DatasetWarningCode.OutlyingLength,
                $"The text has {lengths.Maximum} characters, where 95 of 100 have at most {lengths.Percentile95}. Is a quote never closed, or a line end missing?");
        }
    }
}
