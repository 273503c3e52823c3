using RnnService.Api.Models;

namespace RnnService.Api.Tests.Models;

public sealed class ModelReferenceTests
{
    [Theory]
    [InlineData("a", "a", null, "latest")]
    [InlineData("a.b_c-9", "a.b_c-9", null, "latest")]
    [InlineData("a:3", "a", 3, null)]
    [InlineData("a:2147483647", "a", int.MaxValue, null)]
    [InlineData("a@production", "a", null, "production")]
    [InlineData("a@latest", "a", null, "latest")]
    [InlineData("a@job-7", "a", null, "job-7")]
    public void A_reference_names_a_version_by_number_or_alias(string text, string name, int? version, string? alias) =>
        Assert.Equal(new ModelReference(name, version, alias), ModelReference.ParseOrNull(text));

    [Theory]
    [InlineData("")]
    [InlineData("A")]
    [InlineData(":1")]
    [InlineData("@x")]
    [InlineData("a:")]
    [InlineData("a@")]
    [InlineData("a:0")]
    [InlineData("a:01")]
    [InlineData("a:-1")]
    [InlineData("a:+1")]
    [InlineData("a: 1")]
    [InlineData("a:1x")]
    [InlineData("a:2147483648")]
    [InlineData("a:1@b")]
    [InlineData("a@b:1")]
    [InlineData("a@B")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("a@..")]
    [InlineData("a\n")]
    [InlineData("\u0661")]
    [InlineData("a:\u0661")]
    public void Anything_else_is_malformed(string text) => Assert.Null(ModelReference.ParseOrNull(text));

    [Fact]
    public void A_name_may_have_64_characters_and_no_more()
    {
        Assert.NotNull(ModelReference.ParseOrNull(new string('a', 64) + ":1"));
        Assert.Null(ModelReference.ParseOrNull(new string('a', 65) + ":1"));
    }
}
