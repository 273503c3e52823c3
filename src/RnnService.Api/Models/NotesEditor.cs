using Microsoft.EntityFrameworkCore;
using RnnService.Api.Storage;

namespace RnnService.Api.Models;

/// <summary>How a change of notes ended.</summary>
public enum NotesStatus
{
    Changed,
    UnknownModel,
    UnknownVersion,
    TooManyTags,
}

/// <summary>Changes what people say of models and versions: each change whole or not at all, one after the other.</summary>
public sealed class NotesEditor(IDbContextFactory<ServiceDbContext> databases, RegistryGate gate)
{
    /// <summary>Changes the notes of a model that has versions.</summary>
    public async Task<NotesStatus> ChangeAsync(string model, NotesRequest change, CancellationToken cancellationToken)
    {
        using var turn = await gate.EnterAsync(cancellationToken);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var row = await database.Set<ModelRow>().Include(row => row.Tags).SingleOrDefaultAsync(row => row.Name == model, cancellationToken);
        if (row is null || !await database.Set<ModelVersionRow>().AnyAsync(version => version.Model == model, cancellationToken))
            return NotesStatus.UnknownModel;
        row.Description = Changed(row.Description, change);
        Change(row.Tags, change, tag => tag.Key, (tag, value) => tag.Value = value, (key, value) => new ModelTagRow { Model = model, Key = key, Value = value });
        return await SaveAsync(database, row.Tags.Count, cancellationToken);
    }

    /// <summary>Changes the notes of a version, damaged or not.</summary>
    public async Task<NotesStatus> ChangeAsync(string model, int version, NotesRequest change, CancellationToken cancellationToken)
    {
        using var turn = await gate.EnterAsync(cancellationToken);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var row = await database.Set<ModelVersionRow>().Include(row => row.Tags).SingleOrDefaultAsync(row => row.Model == model && row.Version == version, cancellationToken);
        if (row is null)
            return await database.Set<ModelVersionRow>().AnyAsync(other => other.Model == model, cancellationToken) ? NotesStatus.UnknownVersion : NotesStatus.UnknownModel;
        row.Description = Changed(row.Description, change);
        Change(row.Tags, change, tag => tag.Key, (tag, value) => tag.Value = value, (key, value) => new VersionTagRow { Model = model, Version = version, Key = key, Value = value });
        return await SaveAsync(database, row.Tags.Count, cancellationToken);
    }

    private static string? Changed(string? description, NotesRequest change) => change.Description switch
    {
        null => description,
        "" => null,
        var given => given,
    };

    private static void Change<T>(List<T> tags, NotesRequest change, Func<T, string> keyOf, Action<T, string> set, Func<string, string, T> make)
        where T : class
    {
        tags.RemoveAll(tag => change.RemoveTags?.Contains(keyOf(tag), StringComparer.Ordinal) == true);
        foreach (var (key, value) in change.Tags ?? new Dictionary<string, string>())
        {
            if (tags.Find(tag => keyOf(tag) == key) is { } known)
                set(known, value);
            else
                tags.Add(make(key, value));
        }
    }

    private static async Task<NotesStatus> SaveAsync(ServiceDbContext database, int tags, CancellationToken cancellationToken)
    {
        if (tags > Notes.MostTags)
            return NotesStatus.TooManyTags;
        await database.SaveChangesAsync(cancellationToken);
        return NotesStatus.Changed;
    }
}
