using RnnService.Api.Models;
using SequenceModels.Sampling;
using SequenceModels.Tasks;

namespace RnnService.Api.Inference;

/// <summary>Scores the texts of one request.</summary>
internal static class Scoring
{
    /// <summary>All texts, under the label asked for, if any. Without one a conditional model reads each text under every label.</summary>
    public static IReadOnlyList<ScoreResult> Run(HostedModel hosted, ScoreRequest request, CancellationToken cancellationToken)
    {
        var model = (LanguageModel)hosted.Model;
        if (!model.IsConditional)
            return [.. TextScorer.Score(model.CreateStepper, model.Tokenizer, model.StartToken, request.Texts, cancellationToken).Select(text => ScoreResult.Of(text, model.Tokenizer.Vocabulary))];
        return request.Label is { } label
            ? [.. Under(model, ModelLabels.NumberOf(model.Labels, label), request.Texts, cancellationToken).Select(text => ScoreResult.Of(text, model.Tokenizer.Vocabulary) with { Label = label })]
            : UnderEach(hosted, model, request.Texts, cancellationToken);
    }

    private static IReadOnlyList<ScoredText> Under(LanguageModel model, int label, IReadOnlyList<string> texts, CancellationToken cancellationToken) =>
        TextScorer.Score(rows => model.CreateStepper([.. Enumerable.Repeat(label, rows)]), model.Tokenizer, model.StartToken, texts, cancellationToken);

    /// <summary>Bayes' rule with the shares of the training data: p(label | text) is proportional to share x p(text | label). Of the tokens only those under the likeliest label so far are kept.</summary>
    private static ScoreResult[] UnderEach(HostedModel hosted, LanguageModel model, IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        var shares = ModelLabels.Shares(hosted);
        var joint = new double[texts.Count][]; // ln (share x p(text | label))
        var logProbabilities = new double[texts.Count][];
        var likeliest = new (int Label, ScoredText Scored)[texts.Count];
        for (int label = 0; label < model.Labels.Count; label++)
        {
            var scored = Under(model, label, texts, cancellationToken);
            for (int text = 0; text < texts.Count; text++)
            {
                joint[text] ??= new double[model.Labels.Count];
                logProbabilities[text] ??= new double[model.Labels.Count];
                logProbabilities[text][label] = scored[text].LogProbability;
                joint[text][label] = shares[label] > 0 ? scored[text].LogProbability + Math.Log(shares[label]) : double.NegativeInfinity;
                if (label == 0 || joint[text][label] > joint[text][likeliest[text].Label])
                    likeliest[text] = (label, scored[text]);
            }
        }

        return [.. texts.Select((_, text) => ScoreResult.Of(likeliest[text].Scored, model.Tokenizer.Vocabulary) with
        {
            Label = model.Labels[likeliest[text].Label],
            Labels = [.. Posterior(joint[text]).Select((posterior, label) => new ScoreLabel(model.Labels[label], logProbabilities[text][label], posterior))],
        })];
    }

    private static double[] Posterior(double[] joint)
    {
        double most = joint.Max(), sum = joint.Sum(value => Math.Exp(value - most));
        return [.. joint.Select(value => Math.Exp(value - most) / sum)];
    }
}
