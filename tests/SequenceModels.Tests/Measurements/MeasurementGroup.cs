namespace SequenceModels.Tests.Measurements;

/// <summary>Tests that read counters of the whole process (managed and native memory): nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MeasurementGroup
{
    public const string Name = "Measurements";
}
