namespace RnnService.Api.Models.Packages;

/// <summary>The checksum of zip archives: CRC-32 with the polynomial 0xEDB88320, bit-reversed (APPNOTE 4.4.7; ISO 3309).</summary>
internal static class Crc32
{
    private const int BlockBytes = 1 << 16;

    private static readonly uint[] s_table = [.. Enumerable.Range(0, 256).Select(index => Shift((uint)index))];

    /// <summary>Of a stream from its start, which is left at its start.</summary>
    public static async Task<uint> OfAsync(Stream content, CancellationToken cancellationToken)
    {
        content.Position = 0;
        byte[] block = new byte[BlockBytes];
        uint state = uint.MaxValue;
        while (await content.ReadAsync(block, cancellationToken) is var length and > 0)
        {
            foreach (byte value in block.AsSpan(0, length))
                state = s_table[(byte)(state ^ value)] ^ (state >> 8);
        }

        content.Position = 0;
        return ~state;
    }

    private static uint Shift(uint value)
    {
        for (int bit = 0; bit < 8; bit++)
            value = (value & 1) == 0 ? value >> 1 : 0xEDB88320 ^ (value >> 1);
        return value;
    }
}
