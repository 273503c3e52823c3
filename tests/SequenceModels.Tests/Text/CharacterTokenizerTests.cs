using SequenceModels.Tasks;
using SequenceModels.Text;

namespace SequenceModels.Tests.Text;

public sealed class CharacterTokenizerTests
{
    [Fact]
    public void The_vocabulary_is_special_tokens_then_falling_frequency_then_ordinal_order()
    {
        var vocabulary = Build(["banana", "cab"], withEnd: true).Vocabulary;

        Assert.Equal(["<unknown>", "<end>", "a", "b", "n", "c"], vocabulary.Tokens);
        Assert.Equal(1, vocabulary.End);
        Assert.Null(Build(["x"]).Vocabulary.End);
    }

    [Fact]
    public void The_order_of_the_texts_changes_nothing() =>
        Assert.Equal(Build(["xyz", "zz", "äö"]).Vocabulary.Tokens, Build(["äö", "zz", "xyz"]).Vocabulary.Tokens);

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("tab\tand\r\nline")]
    [InlineData("Ünïcödé 中文 עברית")]
    [InlineData("😀 astral 𝔘 and family 👩‍👩‍👧")]
    [InlineData("e\u0301 combining")]
    public void Text_of_known_characters_comes_back_as_it_was(string text)
    {
        var tokenizer = Build([text]);
        int[] tokens = tokenizer.Encode(text);

        Assert.Equal(text.EnumerateRunes().Count(), tokens.Length);
        Assert.DoesNotContain(Vocabulary.Unknown, tokens);
        Assert.Equal(text, tokenizer.Decode(tokens));
    }

    [Fact]
    public void An_unknown_character_is_the_unknown_token_and_gives_no_text()
    {
        var tokenizer = Build(["ab"]);

        Assert.Equal([1, Vocabulary.Unknown, Vocabulary.Unknown, 2], tokenizer.Encode("a中😀b"));
        Assert.Equal("ab", tokenizer.Decode(tokenizer.Encode("a中😀b")));
    }

    [Fact]
    public void A_lone_surrogate_is_unknown_or_the_replacement_character()
    {
        // Not inline data: attributes are stored as UTF-8, which has no lone surrogates.
        foreach (string text in (string[])["\uD83D", "\uDE00", "\uDE00\uD83D", "\uD83D\uD83Da\uDE00"])
        {
            Assert.All(Build(["b"]).Encode(text), token => Assert.Equal(Vocabulary.Unknown, token));

            var replacing = Build([text]);
            Assert.DoesNotContain(Vocabulary.Unknown, replacing.Encode(text));
            Assert.Equal(string.Concat(text.Select(c => char.IsSurrogate(c) ? '\uFFFD' : c)), replacing.Decode(replacing.Encode(text)));
        }
    }

    [Fact]
    public void Any_sixteen_bit_noise_is_encoded()
    {
        var random = new SequenceModels.Randomness.CounterRandom(3, SequenceModels.Randomness.RandomPurpose.Split);
        string noise = string.Create(200_000, random, (span, r) =>
        {
            for (int i = 0; i < span.Length; i++)
                span[i] = (char)(r.Word(i) % 3 == 0 ? 0xD800 + (r.Word(i) >> 8) % 0x800 : r.Word(i) >> 16);
        });

        foreach (var tokenizer in new ITokenizer[] { Build([noise], lowerCase: true, maximumVocabulary: 2_000_000), Tokenizers.Build(TokenizerKind.Word, [noise], lowerCase: true, minimumCount: 1, withEnd: false, maximumVocabulary: 2_000_000) })
        {
            int[] tokens = tokenizer.Encode(noise);
            Assert.DoesNotContain(Vocabulary.Unknown, tokens);
            Assert.Equal(tokens, Reload(tokenizer).Encode(noise));
        }
    }

    [Fact]
    public void Lower_casing_makes_one_token_of_both_cases()
    {
        var tokenizer = Build(["AaÄäΣ𐐀"], lowerCase: true);

        Assert.Equal(["<unknown>", "a", "ä", "σ", "𐐨"], tokenizer.Vocabulary.Tokens);
        Assert.Equal("aaääσ𐐨", tokenizer.Decode(tokenizer.Encode("AaÄäΣ𐐀")));
    }

    [Fact]
    public void Rare_characters_and_those_beyond_the_maximum_are_unknown()
    {
        Assert.Equal(["<unknown>", "a", "b"], Build(["aaabbc"], minimumCount: 2).Vocabulary.Tokens);
        Assert.Equal(["<unknown>", "a", "b"], Build(["aaabbcd"], maximumVocabulary: 3).Vocabulary.Tokens);
    }

    [Fact]
    public void Text_that_spells_a_special_token_is_just_characters()
    {
        var tokenizer = Build(["<unknown><end>"], withEnd: true);

        Assert.DoesNotContain(1, tokenizer.Encode("<end>"));
        Assert.Equal("<end>", tokenizer.Decode(tokenizer.Encode("<end>")));
    }

    [Fact]
    public void A_token_outside_the_vocabulary_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Build(["a"]).Decode([2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Build(["a"]).Decode([-1]));
    }

    [Fact]
    public void Settings_below_their_least_values_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Build(["a"], minimumCount: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Build(["a"], maximumVocabulary: 2));
    }

    [Fact]
    public void Encoding_allocates_the_tokens_and_nothing_else()
    {
        string text = string.Concat(Enumerable.Repeat("To be, or not to be: that is the question. ", 100));
        var tokenizer = Build([text]);
        tokenizer.Encode(text);

        long before = GC.GetAllocatedBytesForCurrentThread();
        tokenizer.Encode(text);

        // The array's own header besides its elements.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, text.Length * sizeof(int) + 64);
    }

    private static ITokenizer Build(string[] texts, bool lowerCase = false, int minimumCount = 1, bool withEnd = false, int maximumVocabulary = 50_000) =>
        Tokenizers.Build(TokenizerKind.Character, texts, lowerCase, minimumCount, withEnd, maximumVocabulary);

    private static ITokenizer Reload(ITokenizer tokenizer)
    {
        using var stream = new MemoryStream();
        Tokenizers.Save(tokenizer, stream);
        stream.Position = 0;
        return Tokenizers.Load(stream);
    }
}
