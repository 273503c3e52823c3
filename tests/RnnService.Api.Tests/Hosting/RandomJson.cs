using System.Globalization;

namespace RnnService.Api.Tests.Hosting;

/// <summary>Random JSON that often meets the members of <see cref="SampleOrder"/> and others, with right values, wrong ones and nonsense. The same seed gives the same texts.</summary>
internal sealed class RandomJson(int seed, params string[] moreNames)
{
    private readonly string[] _names = [.. moreNames, "name", "layers", "rate", "seed", "kind", "flag", "texts", "label", "tags", "training", "steps", "parts", "inner", "text", "at", "free", "epochs", "seconds", "Name", "", "\\ud800", "a.b", "x[0]", "\\u0000", "$"];

    private static readonly string[] Scalars =
    [
        "null", "true", "false", "0", "-0", "1", "4", "8", "9", "-1", "1.5", "1e2", "1e400", "-1e400", "1E-400", "2147483648", "9223372036854775808", "123456789012345678901234567890",
        "\"\"", "\"a\"", "\"name-1\"", "\"first\"", "\"secondKind\"", "\"NaN\"", "\"12\"", "\"\\ud83d\"", "\"\\ude00\\ud83d\"", "\"\\u0000\"", "\"2026-01-01T00:00:00Z\"", "\"../../etc\"", "\"é\"",
    ];

    // Not System.Security: this is test data, and the seed makes a failure repeatable.
    private readonly Random _random = new(seed);

    public string Body()
    {
        var json = _random.Next(10) switch
        {
            0 => Value(4),
            < 4 => LikelyOrder(),
            _ => Object(4),
        };
        return _random.Next(20) == 0 ? Damaged(json) : json;
    }

    private string LikelyOrder()
    {
        var members = new List<string> { "\"name\":\"a\"" };
        if (_random.Next(2) == 0) members.Add($"\"layers\":{_random.Next(-1, 10).ToString(CultureInfo.InvariantCulture)}");
        if (_random.Next(2) == 0) members.Add($"\"rate\":{(_random.NextDouble() * 110).ToString("R", CultureInfo.InvariantCulture)}");
        if (_random.Next(2) == 0) members.Add("\"kind\":\"secondKind\"");
        if (_random.Next(3) == 0) members.Add($"\"texts\":{Array(2)}");
        if (_random.Next(3) == 0) members.Add($"\"tags\":{{\"a\":\"b\"}}");
        if (_random.Next(3) == 0) members.Add($"\"training\":{{\"epochs\":{_random.Next(0, 3).ToString(CultureInfo.InvariantCulture)}}}");
        return "{" + string.Join(",", members) + "}";
    }

    private string Value(int depth) => _random.Next(depth <= 0 ? 6 : 10) switch
    {
        < 6 => Scalars[_random.Next(Scalars.Length)],
        < 8 => Array(depth - 1),
        _ => Object(depth - 1),
    };

    private string Array(int depth) => "[" + string.Join(",", Enumerable.Range(0, _random.Next(5)).Select(_ => Value(depth))) + "]";

    private string Object(int depth) => "{" + string.Join(",", Enumerable.Range(0, _random.Next(8)).Select(_ => $"\"{_names[_random.Next(_names.Length)]}\":{Value(depth)}")) + "}";

    private string Damaged(string json)
    {
        var at = _random.Next(json.Length);
        return _random.Next(3) switch
        {
            0 => json[..at],
            1 => json.Remove(at, 1),
            _ => json.Insert(at, "{[\",:\u0001}".Substring(_random.Next(7), 1)),
        };
    }
}
