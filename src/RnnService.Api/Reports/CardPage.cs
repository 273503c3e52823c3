using System.Text.Encodings.Web;
using Markdig;

namespace RnnService.Api.Reports;

/// <summary>A model card as a page: the same Markdown rendered, with the learning curve drawn. No scripts; HTML within the Markdown stays text.</summary>
internal static class CardPage
{
    private const string Style =
        "body{font-family:sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;line-height:1.5}table{border-collapse:collapse;margin:1rem 0}td,th{border:1px solid #ccc;padding:.25rem .6rem;text-align:left;vertical-align:top;"
        + "overflow-wrap:anywhere}pre{background:#f4f4f4;padding:1rem;overflow-x:auto}svg{max-width:100%;height:auto}";

    private static readonly MarkdownPipeline s_pipeline = new MarkdownPipelineBuilder().UsePipeTables().DisableHtml().Build();

    public static string Of(string title, string before, string drawing, string after) =>
        $"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{HtmlEncoder.Default.Encode(title)}</title>\n<style>{Style}</style>\n</head>\n<body>\n"
        + $"{Markdown.ToHtml(before, s_pipeline)}{drawing}\n{Markdown.ToHtml(after, s_pipeline)}</body>\n</html>\n";
}
