using System.Globalization;
using System.Text;
using CsvHelper;

namespace SequenceModels.Data;

/// <summary>The rows of CSV and TSV.</summary>
internal sealed class DelimitedRows(CheckedUtf8Stream source, DatasetOptions options, RowGate gate)
{
    private int _columns;
    private int _text;
    private int _label;

    public void Read()
    {
        using var reader = CsvReader.Create(source, ReaderOptions(), leaveOpen: true);
        try
        {
            if (!reader.Read() || !TryFindColumns(reader) || (options.Header && !reader.Read()))
            {
                return;
            }

            do
            {
                AddRow(reader);
            }
            while (reader.Read());
        }
        catch (CsvFormatException exception)
        {
            // The parser gives up on a row that outgrows its buffer; where the next row starts is then unknown.
            gate.AddFault(Math.Max(1, exception.LineNumber), DatasetFaultCode.RowTooLong, RowReader.RowTooLong("row that starts here") + " Reading stopped here; is a quote not closed?");
        }
    }

    private CsvReaderOptions ReaderOptions() => new()
    {
        Separator = options.Format == DatasetFormat.Csv ? ',' : '\t',
        Mode = options.Format == DatasetFormat.Csv ? CsvMode.Rfc4180 : CsvMode.NoEscape,
        HasHeader = false,              // read as a row here, so that its faults have a line
        TrackLineNumbers = true,
        MaxRecordSize = DatasetLimits.RowBytes,
        Encoding = Encoding.UTF8,
        OnMalformedRecord = options.Format == DatasetFormat.Csv ? AddMalformed : null,
    };

    private void AddMalformed(CsvMalformedRecord record)
    {
        switch (record.Reason)
        {
            case CsvMalformedReason.StrayQuote:
                gate.Findings.AddWarning(record.LineNumber, DatasetWarningCode.StrayQuote, "A quote within a field that is not quoted is kept as a character.");
                break;
            case CsvMalformedReason.UnterminatedQuote:
                gate.AddFault(record.LineNumber, DatasetFaultCode.BadQuotes, "A quoted field of the row that starts here is never closed.");
                break;
            default:
                gate.AddFault(record.LineNumber, DatasetFaultCode.BadQuotes, "After the closing quote of a field something other than a comma or a line end follows; a quote within a quoted field is doubled.");
                break;
        }
    }

    private bool TryFindColumns(CsvReader first)
    {
        _columns = first.FieldCount;
        if (_columns > DatasetLimits.Columns)
        {
            gate.AddFault(first.LineNumber, DatasetFaultCode.TooManyColumns, $"There are {_columns} columns; at most {DatasetLimits.Columns} are allowed.");
            return false;
        }

        var names = Names(first);
        if (names is null)
        {
            return false;
        }

        _text = Find(first.LineNumber, names, options.TextName, "text");
        _label = Find(first.LineNumber, names, options.LabelName, "label");
        gate.Findings.UnusedColumns.AddRange(names.Where((_, column) => column != _text && column != _label));
        return _text >= 0 && _label >= 0;
    }

    private string[]? Names(CsvReader first)
    {
        var names = new string[_columns];
        for (var column = 0; column < _columns; column++)
        {
            var length = first.GetSpan(column).Length;
            if (options.Header && length > DatasetLimits.ColumnNameBytes)
            {
                gate.AddFault(first.LineNumber, DatasetFaultCode.ColumnNameTooLong, $"The name of column {column + 1} has {length} bytes; at most {DatasetLimits.ColumnNameBytes} are allowed.");
                return null;
            }

            names[column] = options.Header ? first.GetString(column) : (column + 1).ToString(CultureInfo.InvariantCulture);
        }

        return names;
    }

    private int Find(long line, string[] names, string name, string what)
    {
        var column = Array.IndexOf(names, name);
        if (column < 0)
        {
            var there = names.Length > 10 ? string.Join(", ", names.Take(10)) + ", ..." : string.Join(", ", names);
            gate.AddFault(line, DatasetFaultCode.MissingColumn, $"There is no column '{name}' for the {what}. The columns are: {there}.");
        }
        else if (Array.IndexOf(names, name, column + 1) >= 0)
        {
            gate.AddFault(line, DatasetFaultCode.DuplicateColumn, $"Two columns are called '{name}'.");
            return -1;
        }

        return column;
    }

    private void AddRow(CsvReader row)
    {
        if (row.RawRecord.Length > DatasetLimits.RowBytes)
        {
            gate.AddFault(row.LineNumber, DatasetFaultCode.RowTooLong, RowReader.RowTooLong("row that starts here"));
        }
        else if (row.FieldCount != _columns)
        {
            gate.AddFault(row.LineNumber, DatasetFaultCode.WrongColumnCount, $"The row has {row.FieldCount} {(row.FieldCount == 1 ? "column" : "columns")} instead of {_columns}.");
        }
        else
        {
            gate.AddLabelled(row.LineNumber, row.GetSpan(_text), row.GetSpan(_label));
        }
    }
}
