using Microsoft.Extensions.Options;
using RnnService.Api.Storage;

namespace RnnService.Api.Tests.Storage;

public sealed class DataDirectoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> BadNames =>
        ["", ".", "..", ".hidden", "-a", "_a", "a/b", "../a", "a\\b", "A", "ä", "a b", "a\n", "a\0", "/etc", "a%2fb", "a:3", "a@b", new string('a', 65)];

    [Theory]
    [MemberData(nameof(BadNames))]
    public void No_name_leads_out_of_the_folder(string name)
    {
        using var data = Open();
        Assert.False(ResourceName.IsValid(name));
        Assert.Throws<ArgumentException>(() => data.Model(name));
        Assert.Throws<ArgumentException>(() => data.Inside(data.Datasets, name));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("0")]
    [InlineData("a..b")]
    [InlineData("my-model_1.2")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void Right_names_stay_inside(string name)
    {
        using var data = Open();
        Assert.True(ResourceName.IsValid(name));
        Assert.Equal(Path.Combine(_folder["data"], "models", name), data.Model(name));
        Assert.Throws<ArgumentException>(() => data.Inside(_folder.Path, name));
    }

    [Fact]
    public void The_names_rule_and_its_pattern_agree()
    {
        for (var character = '\0'; character < 256; character++)
        {
            foreach (var name in new[] { $"{character}", $"a{character}", $"{character}a" })
            {
                // .NET's $ also matches before a last line feed; that of JSON Schema does not.
                var matches = System.Text.RegularExpressions.Regex.IsMatch(name, ResourceName.Pattern.Replace("$", "\\z", StringComparison.Ordinal));
                Assert.Equal(matches, ResourceName.IsValid(name));
            }
        }
    }

    [Fact]
    public void Two_services_never_share_a_folder()
    {
        using (Open())
        {
            var refusal = Assert.Throws<StartupRefusedException>(Open);
            Assert.Contains("in use by another process", refusal.Message, StringComparison.Ordinal);
            Assert.Contains(_folder["data"], refusal.Message, StringComparison.Ordinal);
        }

        using var again = Open();
        Assert.True(Directory.Exists(again.Staging));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_refused_with_its_name_and_the_setting()
    {
        File.WriteAllText(_folder["data"], "a file where the folder should be");
        var refusal = Assert.Throws<StartupRefusedException>(Open);
        Assert.Contains(_folder["data"], refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Storage__Root", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leftovers_of_a_crash_are_swept_at_start_and_nothing_else()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "staging", "version-1", "inner"));
        Directory.CreateDirectory(Path.Combine(_folder.Path, "datasets"));
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "staging", "upload-1"), "half");
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "datasets", ".a.0123.tmp"), "half");
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "datasets", "a"), "whole");
        await using var host = await ServiceHost.StartAsync(root: _folder.Path);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_folder.Path, "staging")));
        Assert.Equal(["a"], Directory.GetFileSystemEntries(Path.Combine(_folder.Path, "datasets")).Select(Path.GetFileName));
    }

    public void Dispose() => _folder.Dispose();

    private DataDirectory Open() => new(Options.Create(new StorageOptions { Root = _folder["data"] }), new AtomicFiles(new FileOperations()));
}
