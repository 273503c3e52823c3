using System.Runtime.InteropServices;

namespace SequenceModels.Data;

/// <summary>A text and the label it carries.</summary>
/// <param name="Text">The text, not empty.</param>
/// <param name="Label">The label, not empty.</param>
public readonly record struct LabelledText(string Text, string Label);

/// <summary>Examples to learn from or to measure on, decoded and checked.</summary>
public abstract record TrainingData
{
    private TrainingData()
    {
    }

    /// <summary>The texts of labelled sequences as lines; other data as it is.</summary>
    public TrainingData WithoutLabels() => this is Labelled labelled ? new Lines([.. labelled.Items.Select(item => item.Text)]) : this;

    /// <summary>UTF-16 units of all texts.</summary>
    public abstract long Length { get; }

    /// <summary>Writes all examples, so that other examples are other bytes.</summary>
    internal abstract void WriteContent(BinaryWriter destination);

    private static void Write(BinaryWriter destination, string text)
    {
        destination.Write(text.Length);
        destination.Write(MemoryMarshal.AsBytes(text.AsSpan())); // not encoded: half a surrogate pair is told from another
    }

    /// <summary>One long text, read from its first character to its last.</summary>
    /// <param name="Text">The text.</param>
    public sealed record ContinuousText(string Text) : TrainingData
    {
        /// <inheritdoc/>
        public override long Length => Text.Length;

        internal override void WriteContent(BinaryWriter destination)
        {
            destination.Write(nameof(ContinuousText));
            Write(destination, Text);
        }
    }

    /// <summary>Independent sequences: each begins anew and ends with an end mark.</summary>
    /// <param name="Items">The sequences, in file order, none empty.</param>
    public sealed record Lines(IReadOnlyList<string> Items) : TrainingData
    {
        /// <inheritdoc/>
        public override long Length => Items.Sum(item => (long)item.Length);

        internal override void WriteContent(BinaryWriter destination)
        {
            destination.Write(nameof(Lines));
            destination.Write(Items.Count);
            foreach (string item in Items)
                Write(destination, item);
        }
    }

    /// <summary>Labelled sequences.</summary>
    /// <param name="Items">The sequences and their labels, in file order.</param>
    public sealed record Labelled(IReadOnlyList<LabelledText> Items) : TrainingData
    {
        /// <inheritdoc/>
        public override long Length => Items.Sum(item => (long)item.Text.Length);

        internal override void WriteContent(BinaryWriter destination)
        {
            destination.Write(nameof(Labelled));
            destination.Write(Items.Count);
            foreach (var (text, label) in Items)
            {
                Write(destination, text);
                Write(destination, label);
            }
        }
    }
}
