using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using RnnService.Api.Hosting;

namespace RnnService.Api.Tests.Hosting;

/// <summary>Defaults stand in code; appsettings.json and the README show them.</summary>
public sealed class SettingsTests
{
    [Fact]
    public void Appsettings_shows_every_setting_with_its_default()
    {
        var shown = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "appsettings.json")))!;
        var gaps = Settings().Where(setting => shown[setting.Section]?[setting.Name]?.ToString() != setting.Value).Select(setting => setting.ToString()).ToArray();
        Assert.True(gaps.Length == 0, "appsettings.json should show " + string.Join(", ", gaps));
        var known = Settings().Select(setting => $"{setting.Section}:{setting.Name}").ToHashSet();
        var extra = from section in shown.AsObject()
                    where section.Key != "Logging"
                    from member in section.Value!.AsObject()
                    where !known.Contains($"{section.Key}:{member.Key}")
                    select $"{section.Key}:{member.Key}";
        Assert.Empty(extra);
    }

    [Fact]
    public void The_README_names_every_setting()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        var gaps = Settings().Where(setting => !readme.Contains($"`{setting.Section}:{setting.Name}`", StringComparison.Ordinal)).Select(setting => setting.ToString()).ToArray();
        Assert.True(gaps.Length == 0, "README.md should name " + string.Join(", ", gaps));
    }

    private static IEnumerable<(string Section, string Name, string Value)> Settings() =>
        from type in typeof(HostingOptions).Assembly.GetTypes()
        let section = type.GetField("Section", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue() as string
        where section is not null && type.Name.EndsWith("Options", StringComparison.Ordinal)
        let defaults = Activator.CreateInstance(type)
        from property in type.GetProperties()
        where property.CanWrite
        select (section, property.Name, Shown(property.GetValue(defaults)));

    /// <summary>As JSON writes it.</summary>
    private static string Shown(object? value) => value is bool flag ? (flag ? "true" : "false") : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}
