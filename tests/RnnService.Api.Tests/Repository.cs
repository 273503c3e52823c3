namespace RnnService.Api.Tests;

/// <summary>The checkout that the tests were built from, for tests of what is committed.</summary>
internal static class Repository
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "RnnService.sln"))) return folder.FullName;
        }

        throw new DirectoryNotFoundException($"No RnnService.sln above {AppContext.BaseDirectory}.");
    }
}
