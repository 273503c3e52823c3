using System.Text.Json;

namespace SequenceModels.Tests.Fixtures;

/// <summary>One case of a golden file. Sections are <c>config</c>, <c>inputs</c>, <c>params</c>, <c>upstream</c>, <c>outputs</c>, <c>grads</c>, ...</summary>
internal sealed class GoldenCase(string folder, string kind, JsonElement meta, JsonElement element, IReadOnlyList<GoldenCase> siblings)
{
    /// <summary>Where the case's file lies, and the files that it speaks of.</summary>
    public string Folder => folder;

    /// <summary>The file's <c>meta.name</c>.</summary>
    public string Kind => kind;

    /// <summary>For messages only; tests never choose by it.</summary>
    public string Name => element.GetProperty("name").GetString()!;

    /// <summary>The whole case.</summary>
    public JsonElement Json => element;

    /// <summary>Tolerance for code that computes in double precision.</summary>
    public Tolerance Float64 => ReadTolerance("float64", Tolerance.Float64);

    /// <summary>Tolerance for code that computes in single precision.</summary>
    public Tolerance Float32 => ReadTolerance("float32", Tolerance.Float32);

    /// <summary>The loss of the model, or the sum of upstream times outputs.</summary>
    public double Loss => element.GetProperty("loss").GetDouble();

    /// <summary>Whether the value exists and is not null.</summary>
    public bool Has(params ReadOnlySpan<string> path) => Find(path) is not null;

    /// <summary>The value at a path, for example <c>("outputs", "h_n")</c>.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public JsonElement At(params ReadOnlySpan<string> path) =>
        Find(path) ?? throw new KeyNotFoundException($"{Name} has no '{string.Join('.', path!)}'.");

    /// <summary>The tensor at a path; a number is a tensor without dimensions.</summary>
    public GoldenTensor Tensor(params ReadOnlySpan<string> path) => GoldenTensor.Read(At(path));

    /// <summary>The whole numbers at a path, row-major.</summary>
    public int[] Integers(params ReadOnlySpan<string> path) => Array.ConvertAll(Tensor(path).Values, value => checked((int)value));

    /// <summary>A setting, or <paramref name="absent"/> if the case does not have it.</summary>
    public int Setting(string name, int absent) => Find(["config", name])?.GetInt32() ?? absent;

    /// <summary>A setting, or <paramref name="absent"/> if the case does not have it.</summary>
    public double Setting(string name, double absent) => Find(["config", name])?.GetDouble() ?? absent;

    /// <summary>A setting, or <paramref name="absent"/> if the case does not have it.</summary>
    public bool Setting(string name, bool absent) => Find(["config", name])?.GetBoolean() ?? absent;

    /// <summary>A setting, or <c>null</c> if the case does not have it.</summary>
    public string? Setting(string name) => Find(["config", name])?.GetString();

    /// <summary>All tensors of a section by name, in file order.</summary>
    public IReadOnlyList<KeyValuePair<string, GoldenTensor>> Tensors(params ReadOnlySpan<string> path) =>
        [.. At(path).EnumerateObject().Where(p => p.Value.ValueKind != JsonValueKind.String).Select(p => KeyValuePair.Create(p.Name, GoldenTensor.Read(p.Value)))];

    /// <summary>The case that lends this one its parameters and, where not repeated, its inputs; the case itself if none does.</summary>
    public GoldenCase Lender =>
        Setting("params_from_case") is { } lender ? siblings.Single(s => s.Name == lender) : this;

    public override string ToString() => $"{Kind}: {Name}";

    private JsonElement? Find(ReadOnlySpan<string> path)
    {
        var value = element;
        foreach (string name in path)
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out value))
                return null;
        }

        return value.ValueKind == JsonValueKind.Null ? null : value;
    }

    private Tolerance ReadTolerance(string precision, Tolerance absent) =>
        meta.TryGetProperty("tolerance", out var tolerances) && tolerances.TryGetProperty(precision, out var tolerance)
            ? new Tolerance(tolerance.GetProperty("rel").GetDouble(), tolerance.GetProperty("abs").GetDouble())
            : absent;
}
