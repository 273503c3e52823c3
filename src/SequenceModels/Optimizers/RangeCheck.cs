using SequenceModels.Sampling;

namespace SequenceModels.Optimizers;

/// <summary>Collects the settings that are out of their ranges. Written so that NaN is out of every range; <c>null</c> is in all.</summary>
internal sealed class RangeCheck
{
    private readonly List<SettingProblem> _problems = [];

    public IReadOnlyList<SettingProblem> Problems => _problems;

    /// <summary>A problem of another sort.</summary>
    public void Add(string name, string message) => _problems.Add(new(name, message));

    /// <summary>minimum..maximum.</summary>
    public void FromTo(string name, double? value, double minimum, double maximum)
    {
        if (value is { } number && !(number >= minimum && number <= maximum))
            Add(name, FormattableString.Invariant($"is {number}; {minimum}..{maximum} is allowed."));
    }

    /// <summary>minimum to below maximum.</summary>
    public void FromToBelow(string name, double? value, double minimum, double maximum)
    {
        if (value is { } number && !(number >= minimum && number < maximum))
            Add(name, FormattableString.Invariant($"is {number}; {minimum} to below {maximum} is allowed."));
    }

    /// <summary>Above minimum to maximum.</summary>
    public void AboveTo(string name, double? value, double minimum, double maximum)
    {
        if (value is { } number && !(number > minimum && number <= maximum))
            Add(name, FormattableString.Invariant($"is {number}; above {minimum} to {maximum} is allowed."));
    }
}
