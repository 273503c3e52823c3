using System.Globalization;
using SequenceModels.Serialization;
using SequenceModels.Serialization.Onnx;
using SequenceModels.Text;

namespace SequenceModels.Tests.Text;

/// <summary>docs/file-formats.md says what the code does.</summary>
public sealed class FileFormatsDocumentTests
{
    private static readonly string s_document = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Documents", "file-formats.md"));

    [Fact]
    public void The_document_quotes_the_pattern_of_words() => Assert.Contains($"```\n{WordTokenizer.Pattern}\n```", s_document, StringComparison.Ordinal);

    [Fact]
    public void The_document_tells_the_caps()
    {
        Assert.Contains($"at most {SafetensorsReader.MaximumHeaderBytes.ToString("N0", CultureInfo.InvariantCulture)} bytes", s_document, StringComparison.Ordinal);
        Assert.Contains($"at most {OnnxExport.LargestBytes.ToString("N0", CultureInfo.InvariantCulture)} bytes", s_document, StringComparison.Ordinal);
        Assert.Contains($"operator set {OnnxExport.OperatorSet},", s_document, StringComparison.Ordinal);
        Assert.Contains($"files above {TokenizerFile.MaximumBytes / (1024 * 1024)} MiB", s_document, StringComparison.Ordinal);
    }
}
