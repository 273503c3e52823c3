using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace RnnService.Api.Hosting;

/// <summary>An interval of numbers that can say in words what it allows.</summary>
public readonly record struct NumberRange(double Minimum, double Maximum, bool AboveMinimum, bool BelowMaximum)
{
    /// <summary>The interval that an attribute of a contract's member declares.</summary>
    public static NumberRange Of(RangeAttribute attribute) => new(
        Convert.ToDouble(attribute.Minimum, CultureInfo.InvariantCulture),
        Convert.ToDouble(attribute.Maximum, CultureInfo.InvariantCulture),
        attribute.MinimumIsExclusive,
        attribute.MaximumIsExclusive);

    /// <summary>Whether <paramref name="value"/> is allowed; never for NaN.</summary>
    public bool Contains(double value) =>
        (AboveMinimum ? value > Minimum : value >= Minimum) && (BelowMaximum ? value < Maximum : value <= Maximum);

    /// <summary>"from 1 to 8", "above 0 and at most 100".</summary>
    public override string ToString() => (AboveMinimum, BelowMaximum) switch
    {
        (false, false) => $"from {Text(Minimum)} to {Text(Maximum)}",
        (true, false) => $"above {Text(Minimum)} and at most {Text(Maximum)}",
        (false, true) => $"at least {Text(Minimum)} and below {Text(Maximum)}",
        _ => $"above {Text(Minimum)} and below {Text(Maximum)}",
    };

    /// <summary>A number as written in JSON, whole ones without an exponent.</summary>
    public static string Text(double value) =>
        Math.Abs(value) < 1e18 && value == Math.Floor(value)
            ? ((long)value).ToString(CultureInfo.InvariantCulture)
            : value.ToString("R", CultureInfo.InvariantCulture);
}
