using System.Text;
using System.Text.Json.Nodes;
using SequenceModels.Randomness;
using SequenceModels.Tasks;
using SequenceModels.Text;

namespace SequenceModels.Tests.Text;

public sealed class TokenizerFileTests
{
    private const string Text = "The \"quick\" brown fox's 3.14 jumps, über 中文 😀\n\t\u2028 \\ end.";

    [Theory]
    [InlineData(TokenizerKind.Character, false, false)]
    [InlineData(TokenizerKind.Character, true, true)]
    [InlineData(TokenizerKind.Word, false, true)]
    [InlineData(TokenizerKind.Word, true, false)]
    public void What_was_saved_is_loaded(TokenizerKind kind, bool lowerCase, bool withEnd)
    {
        var saved = Tokenizers.Build(kind, [Text], lowerCase, 1, withEnd);
        var loaded = Load(Save(saved));

        Assert.Equal(kind, loaded.Kind);
        Assert.Equal(lowerCase, loaded.LowerCase);
        Assert.Equal(saved.Vocabulary.End, loaded.Vocabulary.End);
        Assert.Equal(saved.Vocabulary.Tokens, loaded.Vocabulary.Tokens);
        Assert.Equal(saved.Encode(Text + " unseen"), loaded.Encode(Text + " unseen"));
        Assert.Equal(Save(saved), Save(loaded));
    }

    [Theory]
    [InlineData("formatVersion", null, "'formatVersion' is missing")]
    [InlineData("formatVersion", "2", "'formatVersion' is 2")]
    [InlineData("formatVersion", "\"1\"", "'formatVersion' is not a whole number")]
    [InlineData("formatVersion", "1.5", "'formatVersion' is not a whole number")]
    [InlineData("kind", null, "'kind' is missing")]
    [InlineData("kind", "\"byte\"", "'kind' is \"byte\"")]
    [InlineData("kind", "1", "'kind' is not a string")]
    [InlineData("lowerCase", null, "'lowerCase' is missing")]
    [InlineData("lowerCase", "\"no\"", "'lowerCase' is not true or false")]
    [InlineData("pattern", null, "'pattern' is missing")]
    [InlineData("pattern", "\".*\"", "'pattern' is not the pattern of format version 1")]
    [InlineData("specialTokens", null, "'specialTokens' is missing")]
    [InlineData("specialTokens", "[]", "'specialTokens' is not")]
    [InlineData("specialTokens", "[\"<end>\"]", "'specialTokens' is not")]
    [InlineData("specialTokens", "{}", "'specialTokens' is not an array")]
    [InlineData("tokens", null, "'tokens' is missing")]
    [InlineData("tokens", "\"abc\"", "'tokens' is not an array")]
    [InlineData("tokens", "[\"a\", 1]", "'tokens[1]' is not a string")]
    [InlineData("tokens", "[\"a\", null]", "'tokens[1]' is not a string")]
    [InlineData("tokens", "[\"a\", \"\\ud800\"]", "'tokens[1]' is not well-formed text")]
    [InlineData("tokens", "[\"a\", \"b\", \"a\"]", "'tokens' is not a vocabulary: Token 'a' stands twice")]
    [InlineData("tokens", "[\"a\", \"\"]", "'tokens' is not a vocabulary: Token 2 is empty")]
    [InlineData("tokens", "[\"two words\"]", "'tokens' is not a vocabulary: Token 1 is not one word")]
    [InlineData("extra", "true", "'extra' is not a member of a tokenizer")]
    public void A_wrong_member_is_named(string member, string? json, string message)
    {
        var root = JsonNode.Parse(Save(Tokenizers.Build(TokenizerKind.Word, ["some words"], false, 1, false)))!.AsObject();
        root.Remove(member);
        string text = root.ToJsonString();
        if (json is not null)
            text = $"{text[..^1]},\"{member}\":{json}}}";

        var problem = Assert.Throws<InvalidDataException>(() => Load(Encoding.UTF8.GetBytes(text)));

        Assert.StartsWith(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_character_tokenizer_has_tokens_of_one_character_and_no_pattern()
    {
        string file = Encoding.UTF8.GetString(Save(Tokenizers.Build(TokenizerKind.Character, ["ab"], false, 1, false)));

        Assert.Contains("Token 1 is not one character", Assert.Throws<InvalidDataException>(() => Load(file.Replace("\"a\"", "\"ab\"", StringComparison.Ordinal))).Message, StringComparison.Ordinal);
        Assert.Contains("'pattern' is not a member", Assert.Throws<InvalidDataException>(() => Load(file.Replace("{", "{\"pattern\":\"x\",", StringComparison.Ordinal))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"formatVersion\":1,\"formatVersion\":1}")]
    [InlineData("{\"a\":{\"b\":{\"c\":{}}}}")]
    public void What_is_no_tokenizer_is_refused(string file) => Assert.Throws<InvalidDataException>(() => Load(file));

    [Fact]
    public void A_file_beyond_the_cap_is_refused_before_it_is_all_read()
    {
        using var endless = new EndlessStream();

        Assert.Contains("longer than", Assert.Throws<InvalidDataException>(() => Tokenizers.Load(endless)).Message, StringComparison.Ordinal);
        Assert.InRange(endless.BytesRead, TokenizerFile.MaximumBytes, TokenizerFile.MaximumBytes + 200_000L);
    }

    [Fact]
    public void Damaged_files_give_a_tokenizer_or_one_kind_of_exception_and_nothing_else()
    {
        byte[] good = Save(Tokenizers.Build(TokenizerKind.Word, [Text], false, 1, true));
        var random = new CounterRandom(17, RandomPurpose.Shuffle);
        int refused = 0;
        for (int trial = 0; trial < 3000; trial++)
        {
            byte[] damaged = [.. good];
            for (int hit = 0; hit <= trial % 3; hit++)
                damaged[random.Word(trial * 8 + hit) % damaged.Length] = (byte)random.Word(trial * 8 + hit + 4);
            try
            {
                Load(damaged);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1000, 3000);
    }

    private static byte[] Save(ITokenizer tokenizer)
    {
        using var stream = new MemoryStream();
        Tokenizers.Save(tokenizer, stream);
        return stream.ToArray();
    }

    private static ITokenizer Load(string file) => Load(Encoding.UTF8.GetBytes(file));

    private static ITokenizer Load(byte[] file)
    {
        using var stream = new MemoryStream(file);
        return Tokenizers.Load(stream);
    }

    private sealed class EndlessStream : Stream
    {
        public long BytesRead { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => BytesRead; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            buffer.AsSpan(offset, count).Fill((byte)' ');
            BytesRead += count;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
