using RnnService.Api.Hosting;

namespace RnnService.Api.Models;

/// <summary>A member that only some choices of another member read.</summary>
/// <param name="Name">The member as JSON has it.</param>
/// <param name="Value">Its value, <c>null</c> where it is left out.</param>
/// <param name="Owners">The choices that read it.</param>
internal sealed record OwnedMember<T, TKind>(string Name, Func<T, object?> Value, params TKind[] Owners)
    where TKind : struct, Enum
{
    /// <summary>Adds a problem where the member is given beside a choice that does not read it.</summary>
    /// <param name="problems">Seen from the members.</param>
    /// <param name="members">The members.</param>
    /// <param name="choice">The name of the other member, <c>optimizer</c> or <c>kind</c>.</param>
    /// <param name="chosen">Its value.</param>
    public void RefuseBeside(Problems problems, T members, string choice, TKind chosen)
    {
        if (Value(members) is { } value && !Owners.Contains(chosen))
            problems.Add(Name, $"belongs to the {choice} {string.Join(" and ", Owners.Select(Word))}; with {Word(chosen)} it must be left out; given {Text(value)}");
    }

    private static string Word(TKind kind) => $"\"{ServiceJson.Options.PropertyNamingPolicy!.ConvertName(kind.ToString())}\"";

    private static string Text(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        int number => NumberRange.Text(number),
        double number => NumberRange.Text(number),
        _ => throw new NotSupportedException($"{value.GetType().Name} is no value of such a member."),
    };
}
