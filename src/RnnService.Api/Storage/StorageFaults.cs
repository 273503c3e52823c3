using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace RnnService.Api.Storage;

/// <summary>Tells faults of what data is kept in, such as a full disk, from mistakes.</summary>
internal static class StorageFaults
{
    /// <summary>Whether the database could not be read or written: it is busy, or its disk is full. It may well work a moment later.</summary>
    public static bool IsOfDatabase(Exception fault) => fault is DbException or DbUpdateException;

    /// <summary>Whether the database or a file could not be read or written.</summary>
    public static bool Is(Exception fault) => fault is IOException || IsOfDatabase(fault);
}
