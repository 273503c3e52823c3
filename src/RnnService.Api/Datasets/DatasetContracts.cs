using RnnService.Api.Hosting;
using SequenceModels.Data;

namespace RnnService.Api.Datasets;

/// <summary>The query of an upload.</summary>
public sealed record DatasetUploadQuery : IRequestContract
{
    /// <summary>The name that the dataset gets.</summary>
    [ResourceName]
    public required string Name { get; init; }

    /// <summary>How the content is read.</summary>
    public required DatasetFormat Format { get; init; }

    /// <summary>csv and tsv: whether the first row names the columns; true if left out.</summary>
    public bool? Header { get; init; }

    /// <summary>csv and tsv: the column of the text, by name, or by number from 1 without a header. jsonl: the member of the text. "text" or 1 if left out.</summary>
    public string? TextColumn { get; init; }

    /// <summary>The same for the label. "label" or 2 if left out.</summary>
    public string? LabelColumn { get; init; }

    /// <inheritdoc/>
    public void Validate(Problems problems)
    {
        // A format that could not be read is none that the others could be checked against.
        if (problems.IsUnreadable("format")) return;
        var isTable = Format is DatasetFormat.Csv or DatasetFormat.Tsv;
        if (Header is not null && !isTable) problems.Add("header", "is for the formats csv and tsv only");
        Column(problems, "textColumn", TextColumn);
        Column(problems, "labelColumn", LabelColumn);
        var options = ToOptions();
        if (options.IsLabelled && options.TextColumn == options.LabelColumn) problems.Add("labelColumn", $"must be another column than that of the text; given {Problems.Quoted(options.LabelColumn!)}");
    }

    /// <summary>The same as options of the readers, with what was left out filled in.</summary>
    public DatasetOptions ToOptions() => new DatasetOptions(Format, Header ?? true, TextColumn, LabelColumn).WithDefaults();

    private void Column(Problems problems, string member, string? column)
    {
        if (column is null) return;
        if (Format is DatasetFormat.Text or DatasetFormat.Lines) problems.Add(member, "is for the formats csv, tsv and jsonl only");
        else if (Header == false && DatasetOptions.ColumnNumberOrNull(column) is null) problems.Add(member, $"must be the number of a column, from 1, as there is no header; given {Problems.Quoted(column)}");
        else if (column.Length == 0) problems.Add(member, "must have at least 1 character; given 0");
    }
}

/// <summary>A dataset as it is answered.</summary>
/// <param name="Name">The name.</param>
/// <param name="Format">How the content is read.</param>
/// <param name="Bytes">The length of the content.</param>
/// <param name="Sha256">The SHA-256 of the content, in hexadecimal digits.</param>
/// <param name="CreatedAt">When it was uploaded.</param>
/// <param name="BuiltIn">Whether it is part of the service and cannot be deleted.</param>
/// <param name="Warnings">What can be learned from but is seldom meant, the first 100.</param>
/// <param name="WarningCount">How many there are in all.</param>
/// <param name="Statistics">What was counted.</param>
public sealed record DatasetResponse(
    string Name,
    DatasetFormat Format,
    long Bytes,
    string Sha256,
    DateTimeOffset CreatedAt,
    bool BuiltIn,
    IReadOnlyList<DatasetWarning> Warnings,
    long WarningCount,
    DatasetStatistics Statistics)
{
    internal static DatasetResponse Of(Dataset dataset) =>
        new(dataset.Name, dataset.Options.Format, dataset.Bytes, dataset.Sha256, dataset.CreatedAt, dataset.BuiltIn, dataset.Warnings, dataset.WarningCount, dataset.Statistics);
}
