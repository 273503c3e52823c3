using System.Text.Encodings.Web;
using System.Text.Json;
using SequenceModels.Serialization;
using SequenceModels.Tasks;

namespace SequenceModels.Text;

/// <summary>The format of tokenizer.json, version 1.</summary>
internal static class TokenizerFile
{
    /// <summary>Longest file that is read: far above any vocabulary, far below what would hurt.</summary>
    public const int MaximumBytes = 64 * 1024 * 1024;

    private const int FormatVersion = 1;
    private const string CharacterKind = "character";
    private const string WordKind = "word";
    private static readonly string[] CommonMembers = ["formatVersion", "kind", "lowerCase", "specialTokens", "tokens"];

    public static void Write(ITokenizer tokenizer, Stream destination)
    {
        var vocabulary = tokenizer.Vocabulary;
        using var writer = new Utf8JsonWriter(destination, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        writer.WriteStartObject();
        writer.WriteNumber("formatVersion", FormatVersion);
        writer.WriteString("kind", tokenizer.Kind switch
        {
            TokenizerKind.Character => CharacterKind,
            TokenizerKind.Word => WordKind,
            _ => throw new ArgumentException($"Tokenizers of kind {tokenizer.Kind} have no file format.", nameof(tokenizer)),
        });
        writer.WriteBoolean("lowerCase", tokenizer.LowerCase);
        if (tokenizer.Kind == TokenizerKind.Word)
            writer.WriteString("pattern", WordTokenizer.Pattern);
        writer.WriteStartArray("specialTokens");
        for (int id = 0; id < vocabulary.SpecialCount; id++)
            writer.WriteStringValue(vocabulary.Tokens[id]);
        writer.WriteEndArray();
        writer.WriteStartArray("tokens");
        for (int id = vocabulary.SpecialCount; id < vocabulary.Count; id++)
            writer.WriteStringValue(vocabulary.Tokens[id]);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    public static ITokenizer Read(Stream source)
    {
        using var document = Parse(CappedFile.Read(source, MaximumBytes, "tokenizer"));
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
            throw new InvalidDataException("A tokenizer is a JSON object.");

        int version = Member(root, "formatVersion") is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out int value)
            ? value
            : throw new InvalidDataException("'formatVersion' is not a whole number.");
        if (version != FormatVersion)
            throw new InvalidDataException($"'formatVersion' is {version}; only version {FormatVersion} is known.");
        string kind = StringOf(Member(root, "kind"), "kind");
        if (kind is not (CharacterKind or WordKind))
            throw new InvalidDataException($"'kind' is \"{kind}\"; known kinds are \"{CharacterKind}\" and \"{WordKind}\".");
        bool lowerCase = Member(root, "lowerCase") is { ValueKind: JsonValueKind.True or JsonValueKind.False } flag
            ? flag.GetBoolean()
            : throw new InvalidDataException("'lowerCase' is not true or false.");
        if (kind == WordKind && StringOf(Member(root, "pattern"), "pattern") != WordTokenizer.Pattern)
            throw new InvalidDataException("'pattern' is not the pattern of format version 1.");
        bool withEnd = Strings(root, "specialTokens") switch
        {
            [Vocabulary.UnknownName] => false,
            [Vocabulary.UnknownName, Vocabulary.EndName] => true,
            _ => throw new InvalidDataException($"'specialTokens' is not [\"{Vocabulary.UnknownName}\"] or [\"{Vocabulary.UnknownName}\", \"{Vocabulary.EndName}\"]."),
        };
        var tokens = Strings(root, "tokens");
        RefuseUnknownMembers(root, kind);

        try
        {
            var vocabulary = new Vocabulary(tokens, withEnd);
            return kind == WordKind ? new WordTokenizer(vocabulary, lowerCase) : new CharacterTokenizer(vocabulary, lowerCase);
        }
        catch (ArgumentException problem)
        {
            throw new InvalidDataException($"'tokens' is not a vocabulary: {problem.Message}", problem);
        }
    }

    private static JsonDocument Parse(byte[] content)
    {
        try
        {
            return JsonDocument.Parse(content, new JsonDocumentOptions { MaxDepth = 3, AllowDuplicateProperties = false });
        }
        catch (JsonException problem)
        {
            throw new InvalidDataException($"The tokenizer is not JSON: {problem.Message}", problem);
        }
    }

    private static JsonElement Member(JsonElement root, string name) =>
        root.TryGetProperty(name, out var member) ? member : throw new InvalidDataException($"'{name}' is missing.");

    private static string[] Strings(JsonElement root, string name)
    {
        var array = Member(root, name);
        if (array.ValueKind != JsonValueKind.Array)
            throw new InvalidDataException($"'{name}' is not an array.");
        var strings = new string[array.GetArrayLength()];
        int index = 0;
        foreach (var element in array.EnumerateArray())
        {
            strings[index] = StringOf(element, $"{name}[{index}]");
            index++;
        }

        return strings;
    }

    private static string StringOf(JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.String)
            throw new InvalidDataException($"'{name}' is not a string.");
        return JsonStrings.ValueOrNull(element) ?? throw new InvalidDataException($"'{name}' is not well-formed text.");
    }

    private static void RefuseUnknownMembers(JsonElement root, string kind)
    {
        string[] known = kind == WordKind ? [.. CommonMembers, "pattern"] : CommonMembers;
        foreach (var member in root.EnumerateObject())
        {
            if (!known.Any(member.NameEquals))
                throw new InvalidDataException($"'{JsonStrings.NameOrNull(member) ?? "(ill-formed name)"}' is not a member of a tokenizer.");
        }
    }
}
