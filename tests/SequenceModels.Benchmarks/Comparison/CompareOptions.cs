using System.Globalization;

namespace SequenceModels.Benchmarks.Comparison;

/// <summary>What the command <c>compare</c> is told.</summary>
internal sealed record CompareOptions
{
    public const string Usage =
        "usage: compare CASES.json --torch CMD --onnx CMD [--rounds N] [--seconds S] [--threads T] [--case KIND:CASE]... [--int8]\n" +
        "               [--peer-versions TEXT] [--output FILE.json] [--markdown FILE.md] [--svg FILE.svg]\n" +
        "       compare --from FILE.json [--from FILE.json]... [--output FILE.json] [--markdown FILE.md] [--svg FILE.svg]     puts earlier results together";

    public string Cases { get; init; } = "";

    /// <summary>Command of PyTorch's side, called with KIND:CASE SECONDS THREADS.</summary>
    public string? Torch { get; init; }

    /// <summary>Command of ONNX Runtime's side, called likewise.</summary>
    public string? Onnx { get; init; }

    /// <summary>Times that each side has its turn.</summary>
    public int Rounds { get; init; } = 5;

    /// <summary>Seconds of each turn.</summary>
    public double Seconds { get; init; } = 3;

    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>KIND:CASE; empty: all.</summary>
    public IReadOnlyList<string> Selected { get; init; } = [];

    /// <summary>Whether the case of 8-bit weights is measured too.</summary>
    public bool Int8 { get; init; }

    public string? PeerVersions { get; init; }

    public string? Output { get; init; }

    public string? Markdown { get; init; }

    public string? Svg { get; init; }

    /// <summary>Results of parts to be put together instead of measuring.</summary>
    public IReadOnlyList<string> From { get; init; } = [];

    /// <exception cref="ArgumentException">An option is unknown or incomplete, or its value is not of its kind.</exception>
    public static CompareOptions Parse(IReadOnlyList<string> args)
    {
        var options = new CompareOptions();
        for (int i = 0; i < args.Count; i++)
        {
            string name = args[i];
            if (!name.StartsWith("--", StringComparison.Ordinal))
            {
                options = options.Cases == "" ? options with { Cases = name } : throw new ArgumentException($"'{name}' is one file too many.");
                continue;
            }

            if (name == "--int8")
            {
                options = options with { Int8 = true };
                continue;
            }

            string value = ++i < args.Count ? args[i] : throw new ArgumentException($"{name} lacks its value.");
            options = name switch
            {
                "--torch" => options with { Torch = value },
                "--onnx" => options with { Onnx = value },
                "--rounds" => options with { Rounds = (int)Number(name, value, whole: true) },
                "--seconds" => options with { Seconds = Number(name, value, whole: false) },
                "--threads" => options with { Threads = (int)Number(name, value, whole: true) },
                "--case" => options with { Selected = [.. options.Selected, value] },
                "--peer-versions" => options with { PeerVersions = value },
                "--output" => options with { Output = value },
                "--markdown" => options with { Markdown = value },
                "--svg" => options with { Svg = value },
                "--from" => options with { From = [.. options.From, value] },
                _ => throw new ArgumentException($"There is no option {name}."),
            };
        }

        return options.Cases != "" || options.From.Count > 0 ? options : throw new ArgumentException("The file of cases is missing.");
    }

    private static double Number(string name, string value, bool whole) =>
        double.TryParse(value, whole ? NumberStyles.None : NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) && number > 0
            ? number
            : throw new ArgumentException($"{name} is '{value}'; it must be a {(whole ? "whole number" : "number")} above 0.");
}
