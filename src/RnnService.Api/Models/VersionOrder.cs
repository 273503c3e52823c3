using System.Globalization;

namespace RnnService.Api.Models;

/// <summary>The order of a list of versions. What is equal in it is in the order of model and number.</summary>
/// <param name="By"><c>createdAt</c> or the name of a metric; <c>null</c>: model and number alone.</param>
/// <param name="Descending">Whether the greatest come first.</param>
internal readonly record struct VersionOrder(string? By, bool Descending)
{
    public const string CreatedAt = "createdAt";

    public static VersionOrder ByNumber => default;

    public override string ToString() => $"{(Descending ? "-" : "")}{By}";

    /// <summary>Reads an order; <c>null</c> when it is malformed.</summary>
    public static VersionOrder? ParseOrNull(string? text)
    {
        if (text is null)
            return ByNumber;
        bool descending = text.StartsWith('-');
        string by = descending ? text[1..] : text;
        return MetricCondition.IsName(by) ? new VersionOrder(by, descending) : null;
    }
}

/// <summary>Where a page of such a list ended.</summary>
/// <param name="Order">The order of the list: in another one the place means nothing.</param>
/// <param name="Value">What the last version is ordered by, a time as milliseconds; 0 in the order of numbers.</param>
/// <param name="Model">Its model.</param>
/// <param name="Version">Its number.</param>
internal readonly record struct VersionPlace(VersionOrder Order, double Value, string Model, int Version)
{
    /// <summary>Later times are none.</summary>
    private const double LatestMilliseconds = 1e14;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Order}|{Value:R}|{Model}|{Version}");

    /// <summary>Reads a place; <c>null</c> when it is malformed.</summary>
    public static VersionPlace? ParseOrNull(string text) =>
        text.Split('|') is [var order, var value, var model, var version]
        && VersionOrder.ParseOrNull(order.Length == 0 ? null : order) is { } by
        && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
        && (by.By != VersionOrder.CreatedAt || Math.Abs(number) < LatestMilliseconds)
        && ModelReference.ParseVersionOrNull(version) is { } parsed
            ? new VersionPlace(by, number, model, parsed)
            : null;
}
