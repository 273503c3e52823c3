using System.Globalization;

namespace SequenceModels.Training.Advice;

/// <summary>What the units' outputs tell.</summary>
internal static class UnitAdvice
{
    private const double MostInactive = 0.25;
    private const double MostSaturated = 0.5;

    /// <summary>Many units never change: they carry nothing.</summary>
    public static TrainingAdvice? InactiveOrNull(UnitActivity units) => units.InactiveShare < MostInactive ? null : new TrainingAdvice(
        AdviceKind.InactiveUnits,
        string.Create(CultureInfo.InvariantCulture, $"{units.Inactive} of {units.Units} units give the same output at all {units.Steps} steps that were looked at: they carry nothing."),
        "Lower the learningRate, which has thrown them there, or use a smaller hiddenSize; reluRnn cells die more easily than others.",
        new Dictionary<string, double> { ["inactive"] = units.Inactive, ["units"] = units.Units, ["steps"] = units.Steps });

    /// <summary>Many units stand at the ends of their range: gradients do not pass them.</summary>
    public static TrainingAdvice? SaturatedOrNull(UnitActivity units) => units.SaturatedShare < MostSaturated ? null : new TrainingAdvice(
        AdviceKind.SaturatedUnits,
        string.Create(CultureInfo.InvariantCulture, $"{units.Saturated} of {units.Units} units stand at -1 or 1 at nearly all of {units.Steps} steps that were looked at: no gradient passes them."),
        "Lower the learningRate, add weightDecay or activationRegularization, or use layerNorm.",
        new Dictionary<string, double> { ["saturated"] = units.Saturated, ["units"] = units.Units, ["steps"] = units.Steps });
}
