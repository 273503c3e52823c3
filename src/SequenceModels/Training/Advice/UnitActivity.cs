namespace SequenceModels.Training.Advice;

/// <summary>How the units of the last recurrent layer behave on held-out data.</summary>
/// <param name="Units">Units that were looked at.</param>
/// <param name="Steps">Steps that each was looked at.</param>
/// <param name="Inactive">Units whose output does not change.</param>
/// <param name="Saturated">Units whose output is at an end of its range at nearly all steps; 0 where it has no ends.</param>
public readonly record struct UnitActivity(int Units, long Steps, int Inactive, int Saturated)
{
    /// <summary>Part of the units that are inactive.</summary>
    public double InactiveShare => Units == 0 ? 0 : (double)Inactive / Units;

    /// <summary>Part of the units that are saturated.</summary>
    public double SaturatedShare => Units == 0 ? 0 : (double)Saturated / Units;
}
