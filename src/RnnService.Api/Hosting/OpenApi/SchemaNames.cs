using Microsoft.AspNetCore.Mvc;

namespace RnnService.Api.Hosting.OpenApi;

/// <summary>Names of schemas as a reader of the document would choose them.</summary>
internal static class SchemaNames
{
    /// <summary>The type's own name; "DatasetPage" for a page of datasets.</summary>
    public static string Of(Type type)
    {
        if (type == typeof(ProblemDetails)) return "Problem";
        if (!type.IsGenericType) return type.Name;
        var arguments = string.Concat(type.GetGenericArguments().Select(Of));
        return arguments + type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)];
    }
}
