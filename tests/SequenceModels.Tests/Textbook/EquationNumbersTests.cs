using System.Globalization;
using System.Text.RegularExpressions;

namespace SequenceModels.Tests.Textbook;

/// <summary>The textbook code and docs/equations.md cite the same numbers.</summary>
public sealed partial class EquationNumbersTests
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Equations");

    [Fact]
    public void Every_equation_that_the_textbook_cites_is_in_the_document()
    {
        var defined = Defined().ToHashSet(StringComparer.Ordinal);
        var cited = Cited();

        Assert.NotEmpty(cited);
        Assert.All(cited, number => Assert.Contains(number, defined));
    }

    [Fact]
    public void Every_equation_of_cells_sequences_losses_and_updates_has_a_line_of_code()
    {
        var cited = Cited();
        // Sections 2 to 9 and 14 to 16 are the textbook's but for pooling, learned initial states and what stands between layers; 10, 13 and 17 are formulas of the float code and of the tests, and so is the trigger of averaging.
        string[] elsewhere = ["7.10", "8.6", "8.7", "8.8", "8.13", "8.14", "8.15", "8.16", "8.17", "8.18", "8.19", "8.20", "8.21", "8.22", "9.20", "16.13", "16.14", "16.15"];
        string[] wanted = [.. Defined().Where(number => int.Parse(number.Split('.')[0], CultureInfo.InvariantCulture) is >= 2 and <= 9 or >= 14 and <= 16).Except(elsewhere)];

        Assert.NotEmpty(wanted);
        Assert.All(wanted, number => Assert.Contains(number, cited));
    }

    private static HashSet<string> Cited() => [.. Directory.EnumerateFiles(Path.Combine(s_folder, "Textbook"), "*.cs").SelectMany(path => Numbers(File.ReadAllText(path)))];

    // A definition is an indented line that ends with its number.
    private static IEnumerable<string> Defined() =>
        File.ReadLines(Path.Combine(s_folder, "equations.md")).Where(line => line.StartsWith("    ", StringComparison.Ordinal) && line.EndsWith(')')).Select(line => Numbers(line).LastOrDefault()).OfType<string>();

    private static IEnumerable<string> Numbers(string text) => Number().Matches(text).Select(match => match.Groups[1].Value);

    [GeneratedRegex(@"\((\d+\.\d+)\)")]
    private static partial Regex Number();
}
