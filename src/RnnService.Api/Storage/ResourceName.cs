namespace RnnService.Api.Storage;

/// <summary>The rule for names of models, datasets and aliases. Such a name is safe as the name of a file: it is never empty, "." or "..", and holds no separator.</summary>
public static class ResourceName
{
    /// <summary>The rule as a regular expression.</summary>
    public const string Pattern = "^[a-z0-9][a-z0-9._-]{0,63}$";

    /// <summary>The rule in words, as the first half of a message.</summary>
    public const string Rule = "must have 1 to 64 characters of a-z 0-9 . _ - and start with a letter or digit";

    /// <summary>Whether <paramref name="name"/> follows the rule.</summary>
    public static bool IsValid(string name)
    {
        if (name.Length is 0 or > 64 || !IsLetterOrDigit(name[0])) return false;
        foreach (var character in name)
        {
            if (!IsLetterOrDigit(character) && character is not ('.' or '_' or '-')) return false;
        }

        return true;
    }

    private static bool IsLetterOrDigit(char character) => character is (>= 'a' and <= 'z') or (>= '0' and <= '9');
}
