namespace RnnService.Api.Models.Packages;

/// <summary>What is wrong with a package.</summary>
/// <param name="File">The part of it that is wrong; `package` for the archive as a whole.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record PackageFault(string File, string Reason)
{
    /// <summary>The archive as a whole.</summary>
    public const string Whole = "package";
}
