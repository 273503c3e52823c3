namespace SequenceModels.Serialization;

/// <summary>Files that are read whole, but for those that are longer than any of their kind.</summary>
internal static class CappedFile
{
    /// <summary>Reads a stream to its end.</summary>
    /// <param name="source">The file.</param>
    /// <param name="most">Most bytes.</param>
    /// <param name="what">What it is, for the message.</param>
    /// <exception cref="InvalidDataException">It is longer.</exception>
    public static byte[] Read(Stream source, int most, string what)
    {
        using var content = new MemoryStream();
        var buffer = new byte[81_920];
        int read;
        while ((read = source.Read(buffer)) > 0)
        {
            if (content.Length + read > most)
                throw new InvalidDataException($"The {what} is longer than {most} bytes.");
            content.Write(buffer, 0, read);
        }

        return content.ToArray();
    }
}
