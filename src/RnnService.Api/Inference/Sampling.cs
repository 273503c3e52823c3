using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using RnnService.Api.Hosting;
using SequenceModels.Sampling;
using SequenceModels.Tasks;

namespace RnnService.Api.Inference;

/// <summary>Draws the samples of one request, whole or as a stream.</summary>
internal sealed class Sampling(InferenceTurn turn, SampleRequest request, long seed)
{
    /// <summary>Pieces of text that a stream may be ahead of its reader; then drawing waits.</summary>
    private const int StreamBuffer = 1024;

    /// <summary>Draws all samples.</summary>
    public Task<SampleResponse> RunAsync(CancellationToken cancellationToken) => Task.Run(() => Draw(null, cancellationToken), cancellationToken);

    /// <summary>Events <c>token</c> while the samples are drawn, then <c>done</c>. When the reader goes, drawing stops.</summary>
    public async IAsyncEnumerable<SseItem<string>> StreamAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var tokens = Channel.CreateBounded<SampleToken>(new BoundedChannelOptions(StreamBuffer) { SingleReader = true, SingleWriter = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var drawing = Task.Run(() => DrawInto(tokens.Writer, stop.Token), CancellationToken.None);
        try
        {
            await foreach (var token in tokens.Reader.ReadAllAsync(cancellationToken))
                yield return new SseItem<string>(JsonSerializer.Serialize(token, ServiceJson.Options), "token");
            yield return new SseItem<string>(JsonSerializer.Serialize(await drawing, ServiceJson.Options), "done");
        }
        finally
        {
            // The model must not be given back while it is used.
            await stop.CancelAsync();
            await Task.WhenAny(drawing);
        }
    }

    private SampleResponse DrawInto(ChannelWriter<SampleToken> tokens, CancellationToken cancellationToken)
    {
        try
        {
            return Draw(
                (index, text) =>
                {
                    var token = new SampleToken(index, text);
                    if (!tokens.TryWrite(token))
                        tokens.WriteAsync(token, cancellationToken).AsTask().GetAwaiter().GetResult();
                },
                cancellationToken);
        }
        finally
        {
            tokens.Complete();
        }
    }

    private SampleResponse Draw(Action<int, string>? onText, CancellationToken cancellationToken)
    {
        var model = (LanguageModel)turn.Hosted.Model;
        string prompt = request.Prompt ?? "";
        var settings = request.ToSettings(seed);
        using var team = model.TeamPays ? turn.LeaseTeamOrNull() : null;
        int[]? labels = ModelLabels.OfSamples(turn.Hosted, request.Label, settings.Choices, seed);
        var texts = TextGenerator.Generate(rows => labels is null ? model.CreateStepper(rows, team) : model.CreateStepper(labels, team), model.Tokenizer, model.StartToken, prompt, settings, onText, cancellationToken);
        return new SampleResponse(
            turn.Model,
            turn.Version,
            seed,
            [.. texts.Select((text, choice) => SampleText.Of(text, model.Tokenizer.Vocabulary) with { Label = labels is null ? null : model.Labels[labels[choice]] })],
            SampleParameters.Of(settings),
            new SampleUsage(model.Tokenizer.Encode(prompt).Length, texts.Sum(text => text.Tokens)));
    }
}
