using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using RnnService.Api.Hosting;
using RnnService.Api.Storage;

namespace RnnService.Api.Datasets;

/// <summary>Receives the file of an upload, as the body itself or as the part "file" of a form, straight into staging.</summary>
internal sealed class DatasetUpload(DataDirectory data, IOptions<DatasetUploadOptions> options)
{
    private const string FilePart = "file";
    private const long FormBytes = 64 * 1024;       // what a form may have around its file
    private const int FormBufferBytes = 64 * 1024;  // the default of 4 KiB means many small writes and much garbage

    /// <summary>Receives the file of a dataset. Either a content, to be disposed by the caller, or the reason why there is none.</summary>
    public Task<(StagedContent? Content, ProblemHttpResult? Problem)> ReceiveAsync(HttpContext context, CancellationToken cancellationToken) =>
        ReceiveAsync(context, options.Value.MaxUploadBytes, cancellationToken);

    /// <summary>Receives a file of at most <paramref name="mostBytes"/>. Either a content, to be disposed by the caller, or the reason why there is none.</summary>
    public async Task<(StagedContent? Content, ProblemHttpResult? Problem)> ReceiveAsync(HttpContext context, long mostBytes, CancellationToken cancellationToken)
    {
        var request = context.Request;
        if (request.Headers.ContentEncoding.Count > 0 && !"identity".Equals(request.Headers.ContentEncoding, StringComparison.OrdinalIgnoreCase))
        {
            return (null, ServiceProblems.UnsupportedMediaType($"The file must be sent without compression; given Content-Encoding {Problems.Quoted(request.Headers.ContentEncoding.ToString())}."));
        }

        _ = MediaTypeHeaderValue.TryParse(request.ContentType, out var type);
        var isForm = type?.Type.Equals("multipart", StringComparison.OrdinalIgnoreCase) == true;
        // The limit of this operation replaces the server's, in both directions, and is counted here: a chunked body has no length.
        if (request.ContentLength > mostBytes + (isForm ? FormBytes : 0)) return (null, TooLarge(mostBytes));
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = null;

        if (isForm) return await ReceiveFormAsync(request, type!, mostBytes, cancellationToken);
        if (WrongCharset(type) is { } refusal) return (null, refusal);
        var content = await StagedContent.ReceiveOrNullAsync(data, (block, token) => request.Body.ReadAsync(block, token), mostBytes, cancellationToken);
        return content is null ? (null, TooLarge(mostBytes)) : (content, null);
    }

    private async Task<(StagedContent? Content, ProblemHttpResult? Problem)> ReceiveFormAsync(HttpRequest request, MediaTypeHeaderValue type, long mostBytes, CancellationToken cancellationToken)
    {
        if (!type.SubType.Equals("form-data", StringComparison.OrdinalIgnoreCase))
        {
            return (null, ServiceProblems.UnsupportedMediaType($"Of multipart bodies only multipart/form-data is read; given {Problems.Quoted(type.MediaType.ToString())}."));
        }

        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        if (boundary.Length is 0 or > 70) return (null, Malformed("its boundary must have 1 to 70 characters"));

        StagedContent? content = null;
        var accepted = false;
        try
        {
            var form = new MultipartReader(boundary, request.Body, FormBufferBytes) { HeadersCountLimit = 16, HeadersLengthLimit = 16 * 1024 };
            while (await form.ReadNextSectionAsync(cancellationToken) is { } part)
            {
                if (PartProblemOrNull(part, content) is { } problem) return (null, problem);
                content = await StagedContent.ReceiveOrNullAsync(data, ReadPart(part), mostBytes, cancellationToken);
                if (content is null) return (null, TooLarge(mostBytes));
            }

            accepted = content is not null;
            return accepted ? (content, null) : (null, ServiceProblems.BadRequest(FilePart, "is required: the part of the form that holds the file"));
        }
        catch (Exception malformed) when (malformed is InvalidDataException or MalformedFormException || IsEndOfForm(malformed))
        {
            return (null, Malformed("it is cut off, or its boundaries or headers are not those of a form"));
        }
        finally
        {
            // Also where the client went away or the disk is full: nothing is left behind.
            if (!accepted) content?.Dispose();
        }
    }

    private static Func<Memory<byte>, CancellationToken, ValueTask<int>> ReadPart(MultipartSection part) => async (block, token) =>
    {
        try
        {
            return await part.Body.ReadAsync(block, token);
        }
        catch (IOException end) when (IsEndOfForm(end))
        {
            throw new MalformedFormException(end);
        }
    };

    private static ProblemHttpResult? PartProblemOrNull(MultipartSection part, StagedContent? content)
    {
        if (!ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var disposition) || !disposition.DispositionType.Equals("form-data", StringComparison.OrdinalIgnoreCase))
        {
            return Malformed("a part has no header Content-Disposition: form-data");
        }

        var name = HeaderUtilities.RemoveQuotes(disposition.Name).ToString();
        if (name != FilePart) return ServiceProblems.BadRequest(Problems.Quoted(name).Trim('"'), "is an unknown part; the only part is file");
        if (content is not null) return ServiceProblems.BadRequest(FilePart, "may be given once");
        return MediaTypeHeaderValue.TryParse(part.ContentType, out var type) ? WrongCharset(type) : null;
    }

    /// <summary>The form reader throws a bare IOException where the body ends within the form; what the server throws for lost connections is derived.</summary>
    private static bool IsEndOfForm(Exception exception) => exception.GetType() == typeof(IOException);

    private static ProblemHttpResult? WrongCharset(MediaTypeHeaderValue? type) =>
        type is null || type.Charset.Length == 0 || HeaderUtilities.RemoveQuotes(type.Charset).ToString().ToLowerInvariant() is "utf-8" or "utf8" or "us-ascii"
            ? null
            : ServiceProblems.UnsupportedMediaType($"The file must be UTF-8; given charset {Problems.Quoted(type.Charset.ToString())}.");

    private static ProblemHttpResult Malformed(string reason) => ServiceProblems.BadRequest(Problems.Whole, $"the body is not a valid form: {reason}");

    private static ProblemHttpResult TooLarge(long mostBytes) => ServiceProblems.TooLarge("The file", mostBytes);

    private sealed class MalformedFormException(Exception cause) : Exception(cause.Message, cause);
}
