using System.Globalization;

namespace RnnService.Api.Hosting;

/// <summary>What <see cref="Problems"/> of all scopes write into.</summary>
internal sealed class ProblemList
{
    private readonly Dictionary<string, List<string>> _messages = [];
    private readonly HashSet<string> _unreadable = [];
    private readonly List<string> _order = [];

    public int Count { get; private set; }

    public void Add(string path, string message)
    {
        Count++;
        if (Count > Problems.MostListed) return;
        if (!_messages.TryGetValue(path, out var messages))
        {
            messages = _messages[path] = [];
            _order.Add(path);
        }

        if (!messages.Contains(message)) messages.Add(message);
    }

    public void MarkUnreadable(string path) => _unreadable.Add(path);

    public bool IsUnreadable(string path)
    {
        if (_unreadable.Count == 0) return false;
        if (_unreadable.Contains(path) || _unreadable.Contains(Problems.Whole)) return true;
        for (var end = path.Length - 1; end > 0; end--)
        {
            if (path[end] is '.' or '[' && _unreadable.Contains(path[..end])) return true;
        }

        return false;
    }

    public IReadOnlyDictionary<string, string[]> ToErrors()
    {
        // OrderedDictionary: clients and people read the problems in the order in which the members were sent.
        var errors = new OrderedDictionary<string, string[]>();
        foreach (var path in _order) errors[path] = [.. _messages[path]];
        if (Count > Problems.MostListed)
        {
            var more = $"{(Count - Problems.MostListed).ToString(CultureInfo.InvariantCulture)} more problems are not listed";
            errors[Problems.Whole] = errors.TryGetValue(Problems.Whole, out var own) ? [.. own, more] : [more];
        }

        return errors;
    }
}
