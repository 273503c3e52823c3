using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RnnService.Api.Hosting;

/// <summary>What JSON a type of a contract is read from, as its <see cref="JsonTypeInfo"/> says.</summary>
internal enum ShapeKind
{
    Object,
    Array,
    Map,
    Text,
    Boolean,
    Integer,
    Number,
    Choice,
    Time,
}

/// <summary>The shape of one type of a contract, built once.</summary>
internal sealed class ContractShape
{
    private const double ExactIntegers = 9_007_199_254_740_991;

    public required ShapeKind Kind { get; init; }

    /// <summary>Members of an object by their names in JSON.</summary>
    public IReadOnlyDictionary<string, ContractMember> Members { get; private set; } = new Dictionary<string, ContractMember>();

    /// <summary>The elements of an array, the values of a map.</summary>
    public ContractShape? Element { get; private set; }

    /// <summary>The values of an enum, as they are written.</summary>
    public IReadOnlyList<string> Choices { get; private init; } = [];

    /// <summary>What the .NET type can hold.</summary>
    public NumberRange TypeRange { get; private init; }

    public string ChoicesText => Choices.Count == 1 ? $"\"{Choices[0]}\"" : $"one of {string.Join(", ", Choices.Select(choice => $"\"{choice}\""))}";

    /// <summary>The shape of <paramref name="type"/>. A type that contracts cannot use is a mistake in this program.</summary>
    public static ContractShape Of(Type type, JsonSerializerOptions options, Dictionary<Type, ContractShape> known)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (known.TryGetValue(type, out var shape)) return shape;
        if (type.IsEnum) return known[type] = new ContractShape { Kind = ShapeKind.Choice, Choices = [.. Enum.GetNames(type).Select(name => JsonNamingPolicy.CamelCase.ConvertName(name))] };
        if (ScalarOrNull(type) is { } scalar) return known[type] = scalar;

        var info = options.GetTypeInfo(type);
        shape = known[type] = new ContractShape { Kind = KindOf(info) };
        if (shape.Kind == ShapeKind.Object)
        {
            shape.Members = info.Properties
                .Where(property => property.Set is not null || property.AssociatedParameter is not null)
                .ToDictionary(property => property.Name, property => ContractMember.Of(property, Of(property.PropertyType, options, known)));
        }
        else
        {
            shape.Element = Of(info.ElementType!, options, known);
        }

        return shape;
    }

    private static ShapeKind KindOf(JsonTypeInfo info) => info.Kind switch
    {
        JsonTypeInfoKind.Object => ShapeKind.Object,
        JsonTypeInfoKind.Enumerable => ShapeKind.Array,
        JsonTypeInfoKind.Dictionary when info.KeyType == typeof(string) => ShapeKind.Map,
        _ => throw new NotSupportedException($"Contracts cannot hold members of type {info.Type}."),
    };

    private static ContractShape? ScalarOrNull(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.String => new ContractShape { Kind = ShapeKind.Text },
        TypeCode.Boolean => new ContractShape { Kind = ShapeKind.Boolean },
        TypeCode.Int32 => new ContractShape { Kind = ShapeKind.Integer, TypeRange = new NumberRange(int.MinValue, int.MaxValue, false, false) },
        // Numbers of many JSON readers are doubles: integers beyond 2^53 would not come back as they were sent.
        TypeCode.Int64 => new ContractShape { Kind = ShapeKind.Integer, TypeRange = new NumberRange(-ExactIntegers, ExactIntegers, false, false) },
        TypeCode.Double => new ContractShape { Kind = ShapeKind.Number, TypeRange = new NumberRange(double.MinValue, double.MaxValue, false, false) },
        TypeCode.Single => new ContractShape { Kind = ShapeKind.Number, TypeRange = new NumberRange(float.MinValue, float.MaxValue, false, false) },
        _ => type == typeof(DateTimeOffset) ? new ContractShape { Kind = ShapeKind.Time } : null,
    };
}

/// <summary>One member of an object, with the limits that its attributes declare.</summary>
internal sealed record ContractMember(string Name, ContractShape Shape)
{
    public bool Required { get; private init; }

    public NumberRange? Range { get; private init; }

    public int MinLength { get; private init; }

    public int? MaxLength { get; private init; }

    public int? MaxTextBytes { get; private init; }

    public bool IsResourceName { get; private init; }

    public static ContractMember Of(JsonPropertyInfo property, ContractShape shape)
    {
        var member = new ContractMember(property.Name, shape) { Required = property.IsRequired };
        foreach (var provider in new[] { property.AttributeProvider, property.AssociatedParameter?.AttributeProvider })
        {
            foreach (var attribute in provider?.GetCustomAttributes(true) ?? [])
            {
                member = attribute switch
                {
                    RangeAttribute range => member with { Range = NumberRange.Of(range) },
                    LengthAttribute length => member with { MinLength = length.MinimumLength, MaxLength = length.MaximumLength },
                    StringLengthAttribute length => member with { MinLength = length.MinimumLength, MaxLength = length.MaximumLength },
                    MinLengthAttribute length => member with { MinLength = length.Length },
                    MaxLengthAttribute length => member with { MaxLength = length.Length },
                    MaxTextBytesAttribute bytes => member with { MaxTextBytes = bytes.Bytes },
                    ResourceNameAttribute => member with { IsResourceName = true },
                    RequiredAttribute => member with { Required = true },
                    ValidationAttribute => throw new NotSupportedException($"{property.Name}: {attribute.GetType().Name} is not checked by the request reader."),
                    _ => member,
                };
            }
        }

        return member;
    }

    /// <summary>"must have 1 to 1000 items", for what is counted in <paramref name="unit"/>; null where <paramref name="count"/> is allowed.</summary>
    public string? LengthProblemOrNull(int count, string unit, int? defaultMaximum)
    {
        var maximum = MaxLength ?? defaultMaximum;
        if (count >= MinLength && (maximum is null || count <= maximum)) return null;
        var given = count.ToString(CultureInfo.InvariantCulture);
        return maximum switch
        {
            null => $"must have at least {MinLength} {unit}; given {given}",
            _ when MinLength == 0 => $"must have at most {maximum} {unit}; given {given}",
            _ => $"must have {MinLength} to {maximum} {unit}; given {given}",
        };
    }
}
