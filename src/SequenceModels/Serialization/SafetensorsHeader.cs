using System.Text.Json;

namespace SequenceModels.Serialization;

/// <summary>What stands in a safetensors file: names, types, shapes and places of its tensors, all checked.</summary>
public sealed class SafetensorsHeader
{
    internal const string MetadataName = "__metadata__";
    private readonly Dictionary<string, SafetensorsTensor> _byName = new(StringComparer.Ordinal);

    private SafetensorsHeader(List<SafetensorsTensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        Tensors = [.. tensors.OrderBy(tensor => tensor.Begin).ThenBy(tensor => tensor.End).ThenBy(tensor => tensor.Name, StringComparer.Ordinal)];
        Metadata = metadata;
        foreach (var tensor in tensors)
            _byName.Add(tensor.Name, tensor);
    }

    /// <summary>The tensors in the order of their data.</summary>
    public IReadOnlyList<SafetensorsTensor> Tensors { get; }

    /// <summary>Free notes of whoever wrote the file; often empty.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Bytes of data after the header.</summary>
    public long DataBytes => Tensors.Count == 0 ? 0 : Tensors[^1].End;

    /// <summary>A tensor by name.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The tensor, or <c>null</c> if the file has none of that name.</returns>
    public SafetensorsTensor? FindOrNull(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Reads and checks the JSON text of a header.</summary>
    /// <param name="json">The text, padding included.</param>
    /// <exception cref="SafetensorsException">It breaks a rule of the format.</exception>
    internal static SafetensorsHeader Parse(ReadOnlyMemory<byte> json)
    {
        using var document = ParseJson(json);
        var tensors = new List<SafetensorsTensor>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var member in document.RootElement.EnumerateObject())
        {
            string name = JsonStrings.NameOrNull(member)
                ?? throw new SafetensorsException(SafetensorsError.HeaderNotJson, null, "A name in the header is not well-formed text.");
            if (!names.Add(name))
                throw new SafetensorsException(SafetensorsError.DuplicateName, name, $"'{name}' stands twice in the header.");
            if (name == MetadataName)
                ReadMetadata(member.Value, metadata);
            else
                tensors.Add(SafetensorsEntry.Read(name, member.Value));
        }

        var header = new SafetensorsHeader(tensors, metadata);
        header.CheckCoverage();
        return header;
    }

    private static JsonDocument ParseJson(ReadOnlyMemory<byte> json)
    {
        // The format demands that the object begins at once; leading white space would make two files of one.
        if (json.Length == 0 || json.Span[0] != (byte)'{')
            throw new SafetensorsException(SafetensorsError.HeaderNotJson, null, "The header does not begin with '{'.");
        try
        {
            return JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 4 });
        }
        catch (JsonException problem)
        {
            throw new SafetensorsException(SafetensorsError.HeaderNotJson, null, $"The header is not JSON: {problem.Message}", problem);
        }
    }

    private static void ReadMetadata(JsonElement element, Dictionary<string, string> metadata)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new SafetensorsException(SafetensorsError.BadMetadata, null, $"'{MetadataName}' is not an object.");
        foreach (var member in element.EnumerateObject())
        {
            string? name = JsonStrings.NameOrNull(member);
            string? text = member.Value.ValueKind == JsonValueKind.String ? JsonStrings.ValueOrNull(member.Value) : null;
            if (name is null || text is null || !metadata.TryAdd(name, text))
                throw new SafetensorsException(SafetensorsError.BadMetadata, null, $"'{MetadataName}' holds something else than differently named strings.");
        }
    }

    private void CheckCoverage()
    {
        long covered = 0;
        foreach (var tensor in Tensors)
        {
            if (tensor.Begin < covered)
                throw new SafetensorsException(SafetensorsError.Overlap, tensor.Name, $"Tensor '{tensor.Name}' begins at byte {tensor.Begin}, but the one before it ends at {covered}.");
            if (tensor.Begin > covered)
                throw new SafetensorsException(SafetensorsError.Gap, tensor.Name, $"Tensor '{tensor.Name}' begins at byte {tensor.Begin}; bytes {covered} to {tensor.Begin} belong to no tensor.");
            covered = tensor.End;
        }
    }
}
