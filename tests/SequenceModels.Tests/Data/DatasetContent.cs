using System.Text;
using SequenceModels.Data;

namespace SequenceModels.Tests.Data;

/// <summary>Shorthand to check and read datasets that are given in place.</summary>
internal static class DatasetContent
{
    public static DatasetInspection Inspect(this DatasetOptions options, string content) => options.Inspect(Encoding.UTF8.GetBytes(content));

    public static DatasetInspection Inspect(this DatasetOptions options, byte[] content)
    {
        using var stream = new MemoryStream(content);
        return DatasetInspector.Inspect(stream, options, CancellationToken.None);
    }

    public static TrainingData Read(this DatasetOptions options, string content)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(content));
        return DatasetReader.Read(stream, options, CancellationToken.None);
    }

    public static IReadOnlyList<LabelledText> ReadLabelled(this DatasetOptions options, string content) =>
        Assert.IsType<TrainingData.Labelled>(options.Read(content)).Items;

    public static IReadOnlyList<string> ReadLines(this DatasetOptions options, string content) =>
        Assert.IsType<TrainingData.Lines>(options.Read(content)).Items;

    /// <summary>The only fault that there must be.</summary>
    public static DatasetFault SingleFault(this DatasetOptions options, string content) => options.SingleFault(Encoding.UTF8.GetBytes(content));

    public static DatasetFault SingleFault(this DatasetOptions options, byte[] content)
    {
        var inspection = options.Inspect(content);
        Assert.Equal(1, inspection.FaultCount);
        return Assert.Single(inspection.Faults);
    }

    /// <summary>Faults and warnings as "line code", in the order given.</summary>
    public static string[] Brief(this IEnumerable<DatasetFault> faults) => [.. faults.Select(fault => $"{fault.Line} {fault.Code}")];

    public static string[] Brief(this IEnumerable<DatasetWarning> warnings) => [.. warnings.Select(warning => $"{warning.Line} {warning.Code}")];
}
