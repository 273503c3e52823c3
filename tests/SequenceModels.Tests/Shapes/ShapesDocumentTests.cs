using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace SequenceModels.Tests.Shapes;

/// <summary>The programs of docs/shapes.md are those that <see cref="DocumentExamples"/> runs, and its picture stands beside it.</summary>
public sealed partial class ShapesDocumentTests
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Documents");
    private static readonly string s_document = File.ReadAllText(Path.Combine(s_folder, "shapes.md"));

    [Fact]
    public void Every_program_of_the_document_is_compiled_and_run()
    {
        string[] shown = [.. Block().Matches(s_document).Select(match => match.Groups[1].Value)];
        string[] run = [.. Example().Matches(File.ReadAllText(Path.Combine(s_folder, "DocumentExamples.cs"))).Select(match => Dedented(match.Groups[2].Value, match.Groups[1].Length))];
        Assert.Equal(6, shown.Length);
        Assert.Equal(run, shown);
    }

    [Fact]
    public void The_picture_is_there()
    {
        Assert.Contains("(shapes.svg)", s_document, StringComparison.Ordinal);
        Assert.Equal("svg", XDocument.Load(Path.Combine(s_folder, "shapes.svg")).Root!.Name.LocalName);
    }

    private static string Dedented(string code, int indent) => string.Join('\n', code.Split('\n').Select(line => line.Length > indent ? line[indent..] : ""));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    /// <summary>From a comment that names an example to the comment that ends it.</summary>
    [GeneratedRegex("^( +)// (?:one to one|one to many|many to one|many to many of equal length|many to many of different lengths|files)\n(.*?)^ +// end$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Example();
}
