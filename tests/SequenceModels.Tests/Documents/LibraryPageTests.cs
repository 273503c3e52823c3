
namespace SequenceModels.Tests.Documents;

/// <summary>docs/library.md does what it says.</summary>
public sealed class LibraryPageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("library-page-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_sample_trains_samples_scores_and_saves_in_twenty_lines()
    {
        string code = DocumentPrograms.In("library.md")[0];
        Assert.InRange(code.TrimEnd().Split('\n').Length, 1, 20);
        string sample = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Documents", "dinosaurs.cs"));
        Assert.Equal(sample, "#:project ../../src/SequenceModels\n" + code);

        // A short file, so that training takes a moment; and a folder that is not left behind.
        string names = Path.Combine(_folder, "names.txt");
        File.WriteAllLines(names, Enumerable.Range(0, 40).Select(i => $"{"AEIOU"[i % 5]}{"bdgklm"[i % 6]}{"aeiou"[i / 5 % 5]}saurus"));
        string target = Path.Combine(_folder, "model");
        string written = DocumentPrograms.Run(code.Replace("\"dinosaurs\"", $"@\"{target}\"", StringComparison.Ordinal), names, "Abasaurus");

        var lines = written.TrimEnd().Split('\n');
        Assert.StartsWith("epoch 1: ", lines[0], StringComparison.Ordinal);
        Assert.Matches(@"^Abasaurus: -\d+\.\d nats$", lines[^1]);
        Assert.Equal(["manifest.json", "tokenizer.json", "weights.safetensors"], Directory.GetFiles(target).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_classifier_classifies() => Assert.Equal("good", DocumentPrograms.Run(DocumentPrograms.In("library.md")[1]).Trim());
}
