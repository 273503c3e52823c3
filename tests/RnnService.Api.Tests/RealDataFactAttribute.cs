namespace RnnService.Api.Tests;

/// <summary>A test on real data sets, skipped unless the environment variable RNN_DATA names the folder that they lie in.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RealDataFactAttribute : FactAttribute
{
    public RealDataFactAttribute()
    {
        if (string.IsNullOrEmpty(Folder))
            Skip = "The environment variable RNN_DATA does not name a folder of data sets.";
    }

    /// <summary>The folder of data sets.</summary>
    public static string? Folder => Environment.GetEnvironmentVariable("RNN_DATA");
}
