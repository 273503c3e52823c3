using System.Text;

namespace SequenceModels.Data;

/// <summary>Keeps the sequences as strings.</summary>
internal sealed class TrainingDataSink(DatasetOptions options) : IRowSink
{
    private readonly StringBuilder _text = new();
    private readonly List<string> _lines = [];
    private readonly List<LabelledText> _labelled = [];
    private readonly HashSet<string> _labels = [];

    public void AddText(ReadOnlySpan<byte> part) => _text.Append(Encoding.UTF8.GetString(part));

    public void AddRow(long line, ReadOnlySpan<byte> text, ReadOnlySpan<byte> label)
    {
        var sequence = Encoding.UTF8.GetString(text);
        if (options.IsLabelled)
        {
            _labelled.Add(new LabelledText(sequence, Shared(Encoding.UTF8.GetString(label))));
        }
        else
        {
            _lines.Add(sequence);
        }
    }

    public TrainingData Complete() => options switch
    {
        { Format: DatasetFormat.Text } => new TrainingData.ContinuousText(_text.ToString()),
        { IsLabelled: true } => new TrainingData.Labelled(_labelled),
        _ => new TrainingData.Lines(_lines),
    };

    private string Shared(string label)
    {
        if (_labels.TryGetValue(label, out var known))
        {
            return known;
        }

        _labels.Add(label);
        return label;
    }
}
