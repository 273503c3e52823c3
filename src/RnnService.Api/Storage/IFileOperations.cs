namespace RnnService.Api.Storage;

/// <summary>The single changes of the file system that <see cref="AtomicFiles"/> are made of: one that a disk may refuse, break off or lose each.</summary>
public interface IFileOperations
{
    /// <summary>Makes a file that does not exist, to write and to read. Its stream's writes are operations too.</summary>
    Stream CreateFile(string path);

    /// <summary>Brings what was written to a file of <see cref="CreateFile"/> to disk.</summary>
    void Flush(Stream file);

    /// <summary>Brings the content of a file to disk.</summary>
    void FlushFile(string path);

    /// <summary>Brings the names in a folder to disk.</summary>
    void FlushFolder(string path);

    /// <summary>Renames a file, over one of that name.</summary>
    void MoveFile(string path, string target);

    /// <summary>Renames a folder; none of that name may exist.</summary>
    void MoveFolder(string path, string target);

    /// <summary>Deletes a file, if there is one.</summary>
    void DeleteFile(string path);

    /// <summary>Deletes a folder with all in it.</summary>
    void DeleteFolder(string path);

    /// <summary>Makes a folder in one that exists.</summary>
    void CreateFolder(string path);
}
