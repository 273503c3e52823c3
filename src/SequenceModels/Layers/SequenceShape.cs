namespace SequenceModels.Layers;

/// <summary>
/// T, B and the length of each row of a batch. Rows are best sorted by falling length: then the rows that a time step works on are a prefix.
/// </summary>
/// <param name="Time">T, steps of the longest row.</param>
/// <param name="Batch">B, rows.</param>
/// <param name="Lengths">Steps of each row, 1..T; <c>null</c>: all T.</param>
internal sealed record SequenceShape(int Time, int Batch, int[]? Lengths = null)
{
    /// <summary>T x B.</summary>
    public int Rows => Time * Batch;

    /// <summary>Whether row <paramref name="row"/> has a step <paramref name="time"/>.</summary>
    public bool Has(int time, int row) => Lengths is null || time < Lengths[row];

    /// <summary>One more than the last row of [start, end) that has a step <paramref name="time"/>; <paramref name="start"/> if none has.</summary>
    public int ActiveEnd(int time, int start, int end)
    {
        if (Lengths is null)
            return end;
        while (end > start && time >= Lengths[end - 1])
            end--;
        return end;
    }

    /// <summary>The end of the run of rows, from <paramref name="start"/> on and before <paramref name="end"/>, that all have a step <paramref name="time"/> or all have none.</summary>
    public int RunEnd(int time, int start, int end)
    {
        if (Lengths is null)
            return end;
        int row = start + 1;
        while (row < end && Has(time, row) == Has(time, start))
            row++;
        return row;
    }
}
