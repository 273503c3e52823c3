using System.Globalization;
using RnnService.Api.Storage;

namespace RnnService.Api.Hosting;

/// <summary>Collects everything that is wrong with a request, each problem under the path of its member. A message says what is wrong, the value given and what is allowed.</summary>
public sealed class Problems
{
    /// <summary>The path of the body as a whole.</summary>
    public const string Whole = "$";

    /// <summary>More problems than this are counted, not listed: an answer must not outgrow its request.</summary>
    public const int MostListed = 100;

    private readonly ProblemList _list;
    private readonly string _prefix;

    /// <summary>An empty collection.</summary>
    public Problems()
        : this(new ProblemList(), "")
    {
    }

    private Problems(ProblemList list, string prefix)
    {
        _list = list;
        _prefix = prefix;
    }

    /// <summary>Whether there is any problem at all, at this or any other path.</summary>
    public bool Any => _list.Count > 0;

    /// <summary>The same collection seen from the member <paramref name="member"/>: paths are relative to it.</summary>
    public Problems At(string member) => new(_list, Full(member));

    /// <summary>The same collection seen from the element <paramref name="index"/> of the array <paramref name="member"/>.</summary>
    public Problems At(string member, int index) => At($"{member}[{index}]");

    /// <summary>Adds a problem, unless the member (or one that holds it) could not be read and so has its own problem.</summary>
    public void Add(string path, string message)
    {
        var full = Full(path);
        if (!_list.IsUnreadable(full)) _list.Add(full, message);
    }

    /// <summary>Adds a problem of a member whose value is left out of the contract because it could not be read.</summary>
    internal void AddUnreadable(string path, string message)
    {
        var full = Full(path);
        _list.Add(full, message);
        _list.MarkUnreadable(full);
    }

    /// <summary>Whether the member was sent but could not be read.</summary>
    public bool IsUnreadable(string path) => _list.IsUnreadable(Full(path));

    /// <summary>The member must be there.</summary>
    public void Required(string path, object? value)
    {
        if (value is null) Add(path, "is required");
    }

    /// <summary>The member, if given, must lie in the range.</summary>
    public void Range(string path, double? value, double minimum, double maximum, bool aboveMinimum = false, bool belowMaximum = false)
    {
        var range = new NumberRange(minimum, maximum, aboveMinimum, belowMaximum);
        if (value is { } number && !range.Contains(number)) Add(path, $"must be {range}; given {NumberRange.Text(number)}");
    }

    /// <summary>The member, if given, must be one of the values.</summary>
    public void OneOf(string path, string? value, params ReadOnlySpan<string> allowed)
    {
        if (value is null) return;
        foreach (var choice in allowed)
        {
            if (choice == value) return;
        }

        Add(path, $"must be {Quoted(allowed)}; given {Quoted(value)}");
    }

    /// <summary>The member, if given, must be a name by the rule of <see cref="ResourceName"/>.</summary>
    public void Name(string path, string? value)
    {
        if (value is not null && !ResourceName.IsValid(value)) Add(path, $"{ResourceName.Rule}; given {Quoted(value)}");
    }

    /// <summary>Exactly one of the members must be given. A member that was sent but could not be read counts as given.</summary>
    public void ExactlyOne(string path, params ReadOnlySpan<(string Member, bool Given)> members)
    {
        var given = new List<string>();
        var names = new List<string>();
        foreach (var (member, isGiven) in members)
        {
            names.Add(member);
            if (isGiven || IsUnreadable(path.Length == 0 ? member : $"{path}.{member}")) given.Add(member);
        }

        if (given.Count == 1) return;
        Add(path, $"must have exactly one of {string.Join(", ", names)}; given {(given.Count == 0 ? "none" : string.Join(", ", given))}");
    }

    /// <summary>Tags: at most 16, keys of 1..64 and values of at most 512 characters.</summary>
    public void Tags(string path, IReadOnlyDictionary<string, string>? tags)
    {
        if (tags is null) return;
        if (tags.Count > 16) Add(path, $"must have at most 16 entries; given {tags.Count.ToString(CultureInfo.InvariantCulture)}");
        foreach (var (key, value) in tags)
        {
            var shown = Shortened(key);
            if (Scalars(key) is var keyLength and (0 or > 64)) Add($"{path}.{shown}", $"the key must have 1 to 64 characters; given {keyLength.ToString(CultureInfo.InvariantCulture)}");
            if (Scalars(value) is var length and > 512) Add($"{path}.{shown}", $"must have at most 512 characters; given {length.ToString(CultureInfo.InvariantCulture)}");
        }
    }

    /// <summary>The problems by path, in the order found.</summary>
    public IReadOnlyDictionary<string, string[]> ToErrors() => _list.ToErrors();

    /// <summary>A string as it is shown in a message: quoted and, if long, cut.</summary>
    public static string Quoted(string value) => $"\"{Shortened(value)}\"";

    /// <summary>Characters of a text as people count them: Unicode scalar values.</summary>
    internal static int Scalars(string text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes()) count++;
        return count;
    }

    private static string Quoted(ReadOnlySpan<string> allowed)
    {
        var quoted = allowed.ToArray().Select(choice => $"\"{choice}\"").ToArray();
        return quoted.Length == 1 ? quoted[0] : $"one of {string.Join(", ", quoted)}";
    }

    internal static string Shortened(string value, int length = 64)
    {
        if (value.Length <= length) return value;
        var cut = char.IsHighSurrogate(value[length - 1]) ? length - 1 : length;
        return string.Concat(value.AsSpan(0, cut), "...");
    }

    private string Full(string path) => (_prefix.Length, path.Length) switch
    {
        (0, 0) => Whole,
        (0, _) => path,
        (_, 0) => _prefix,
        _ => path[0] == '[' ? _prefix + path : $"{_prefix}.{path}",
    };
}
