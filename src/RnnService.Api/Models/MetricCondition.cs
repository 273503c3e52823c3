using System.Globalization;
using System.Text.RegularExpressions;

namespace RnnService.Api.Models;

/// <summary>What a metric of a version is to be, such as <c>accuracy>=0.8</c>.</summary>
internal sealed partial record MetricCondition(string Name, string Operator, double Value)
{
    /// <summary>The rule in words, as the first half of a message.</summary>
    public const string Rule = "must be the name of a metric, one of >= <= > < =, and a finite number, such as accuracy>=0.8";

    /// <summary>Whether a text can be the name of a metric.</summary>
    public static bool IsName(string text) => WholeName().IsMatch(text);

    /// <summary>Reads a condition; <c>null</c> when it is malformed.</summary>
    public static MetricCondition? ParseOrNull(string text)
    {
        var match = Whole().Match(text);
        return match.Success && double.TryParse(match.Groups["value"].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? new MetricCondition(match.Groups["name"].Value, match.Groups["operator"].Value, value)
            : null;
    }

    /// <summary>Those of the versions that have the metric and of which the condition holds.</summary>
    public IQueryable<ModelVersionRow> Of(IQueryable<ModelVersionRow> versions) => Operator switch
    {
        ">=" => versions.Where(version => version.Metrics.Any(metric => metric.Name == Name && metric.Value >= Value)),
        "<=" => versions.Where(version => version.Metrics.Any(metric => metric.Name == Name && metric.Value <= Value)),
        ">" => versions.Where(version => version.Metrics.Any(metric => metric.Name == Name && metric.Value > Value)),
        "<" => versions.Where(version => version.Metrics.Any(metric => metric.Name == Name && metric.Value < Value)),
        _ => versions.Where(version => version.Metrics.Any(metric => metric.Name == Name && metric.Value == Value)),
    };

    [GeneratedRegex(@"\A[a-zA-Z][a-zA-Z0-9]{0,63}\z")]
    private static partial Regex WholeName();

    [GeneratedRegex(@"\A(?<name>[a-zA-Z][a-zA-Z0-9]{0,63})(?<operator>>=|<=|>|<|=)(?<value>[-+]?[0-9.]+([eE][-+]?[0-9]+)?)\z")]
    private static partial Regex Whole();
}
