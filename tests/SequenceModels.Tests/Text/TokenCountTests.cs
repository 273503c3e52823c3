using SequenceModels.Tasks;
using SequenceModels.Text;

namespace SequenceModels.Tests.Text;

public sealed class TokenCountTests
{
    [Theory]
    [InlineData("")]
    [InlineData("Don't pay 3.14 for 2 teas...")]
    [InlineData("naïve \U0001F600\U0001F600 日本 \uD83D lone")]
    [InlineData("\uDE00\uD83D\uDE00 \t\r\n end\uD83D")]
    public void Counting_gives_the_length_of_what_encoding_gives(string text)
    {
        foreach (var kind in new[] { TokenizerKind.Character, TokenizerKind.Word })
        {
            ITokenizer tokenizer = Tokenizers.Build(kind, ["some words, 3 of them"], lowerCase: true, minimumCount: 1, withEnd: false);
            Assert.Equal(tokenizer.Encode(text).Length, tokenizer.Count(text));
        }
    }
}
