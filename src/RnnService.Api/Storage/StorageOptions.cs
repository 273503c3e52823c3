using System.ComponentModel.DataAnnotations;

namespace RnnService.Api.Storage;

/// <summary>Where the service keeps everything; section "Storage".</summary>
public sealed class StorageOptions
{
    /// <summary>The name of the section.</summary>
    public const string Section = "Storage";

    /// <summary>The folder of all data, relative to the working directory or absolute.</summary>
    [Required]
    public string Root { get; set; } = "data";

    /// <summary>How long a command waits for another one that is writing to the database.</summary>
    [Range(1, 600)]
    public int BusyTimeoutSeconds { get; set; } = 30;

    /// <summary>Days for which the answer to a request with an Idempotency-Key is repeated.</summary>
    [Range(1, 3650)]
    public int IdempotencyDays { get; set; } = 7;

    /// <summary>Free bytes of the data folder's disk below which no training job starts or goes on; 0: none.</summary>
    [Range(0, long.MaxValue)]
    public long MinFreeBytes { get; set; } = 256 << 20;
}
