using System.Text;
using Microsoft.AspNetCore.Mvc;
using RnnService.Api.Hosting;

namespace RnnService.Api.Tests.Hosting;

public sealed class RequestReaderTests
{
    private readonly RequestReader _reader = new();

    [Theory]
    [InlineData("""{"name":"a","extra":1}""", "extra", "is unknown; the members here are name, layers, rate, seed, kind, flag, texts, label, tags, training, steps, parts, at, free")]
    [InlineData("""{"name":"a","Layers":1}""", "Layers", "is unknown")]
    [InlineData("""{"name":"a","layers":"4"}""", "layers", "must be an integer from 1 to 8; given \"4\"")]
    [InlineData("""{"name":"a","layers":1.5}""", "layers", "must be an integer from 1 to 8; given 1.5")]
    [InlineData("""{"name":"a","layers":1.0}""", "layers", "must be an integer from 1 to 8; given 1.0")]
    [InlineData("""{"name":"a","layers":0}""", "layers", "must be an integer from 1 to 8; given 0")]
    [InlineData("""{"name":"a","layers":9}""", "layers", "must be an integer from 1 to 8; given 9")]
    [InlineData("""{"name":"a","layers":99999999999999999999}""", "layers", "must be an integer from 1 to 8; given 99999999999999999999")]
    [InlineData("""{"name":"a","layers":true}""", "layers", "must be an integer from 1 to 8; given true")]
    [InlineData("""{"name":"a","layers":[1]}""", "layers", "must be an integer from 1 to 8; given an array")]
    [InlineData("""{"name":"a","free":2147483648}""", "free", "must be an integer from -2147483648 to 2147483647; given 2147483648")]
    [InlineData("""{"name":"a","rate":0}""", "rate", "must be a number above 0 and at most 100; given 0")]
    [InlineData("""{"name":"a","rate":1e999}""", "rate", "must be a number above 0 and at most 100; given 1e999")]
    [InlineData("""{"name":"a","rate":"NaN"}""", "rate", "must be a number above 0 and at most 100; given \"NaN\"")]
    [InlineData("""{"name":"a","seed":-1}""", "seed", "must be an integer from 0 to 9007199254740991; given -1")]
    [InlineData("""{"name":"a","seed":9007199254740992}""", "seed", "must be an integer from 0 to 9007199254740991; given 9007199254740992")]
    [InlineData("""{"name":"a","kind":"First"}""", "kind", "must be one of \"first\", \"secondKind\"; given \"First\"")]
    [InlineData("""{"name":"a","kind":0}""", "kind", "must be one of \"first\", \"secondKind\"; given 0")]
    [InlineData("""{"name":"a","kind":"first,secondKind"}""", "kind", "must be one of")]
    [InlineData("""{"name":"a","flag":"true"}""", "flag", "must be true or false; given \"true\"")]
    [InlineData("""{"name":"a","flag":1}""", "flag", "must be true or false; given 1")]
    [InlineData("""{"name":"a","texts":"x"}""", "texts", "must be an array; given \"x\"")]
    [InlineData("""{"name":"a","texts":[]}""", "texts", "must have 1 to 3 items; given 0")]
    [InlineData("""{"name":"a","texts":["1","2","3","4"]}""", "texts", "must have 1 to 3 items; given 4")]
    [InlineData("""{"name":"a","texts":["x","y",7]}""", "texts[2]", "must be a string; given 7")]
    [InlineData("""{"name":"a","texts":[null]}""", "texts[0]", "must be a string; given null")]
    [InlineData("""{"name":"a","texts":["ééééé"]}""", "texts[0]", "must have at most 8 bytes as UTF-8; given 10")]
    [InlineData("""{"name":"a","label":"x"}""", "label", "must have 2 to 5 characters; given 1")]
    [InlineData("""{"name":"a","label":"123456"}""", "label", "must have 2 to 5 characters; given 6")]
    [InlineData("""{"name":"a","label":"\ud800x"}""", "label", "must be valid Unicode text; given an unpaired surrogate")]
    [InlineData("""{"name":"a","label":5}""", "label", "must be a string; given 5")]
    [InlineData("""{"name":"../a"}""", "name", "must have 1 to 64 characters of a-z 0-9 . _ - and start with a letter or digit; given \"../a\"")]
    [InlineData("""{"name":""}""", "name", "must have 1 to 64 characters")]
    [InlineData("""{"name":null}""", "name", "is required")]
    [InlineData("{}", "name", "is required")]
    [InlineData("""{"name":"a","name":"b"}""", "name", "is given more than once")]
    [InlineData("""{"name":"a","tags":{"k":1}}""", "tags.k", "must be a string; given 1")]
    [InlineData("""{"name":"a","tags":{"k":"1","k":"2"}}""", "tags.k", "is given more than once")]
    [InlineData("""{"name":"a","tags":[]}""", "tags", "must be an object; given an array")]
    [InlineData("""{"name":"a","tags":{"":"x"}}""", "tags.", "the key must have 1 to 64 characters; given 0")]
    [InlineData("""{"name":"a","training":{"epochs":0}}""", "training.epochs", "must be an integer from 1 to 10000; given 0")]
    [InlineData("""{"name":"a","training":{"epochs":1,"seconds":1}}""", "training", "must have exactly one of epochs, seconds; given epochs, seconds")]
    [InlineData("""{"name":"a","training":{}}""", "training", "must have exactly one of epochs, seconds; given none")]
    [InlineData("""{"name":"a","training":7}""", "training", "must be an object; given 7")]
    [InlineData("""{"name":"a","steps":[{"epochs":"1"}]}""", "steps[0].epochs", "must be an integer from 1 to 10000; given \"1\"")]
    [InlineData("""{"name":"a","steps":[{},{},{}]}""", "steps", "must have at most 2 items; given 3")]
    [InlineData("""{"name":"a","at":"yesterday"}""", "at", "must be an ISO 8601 time; given \"yesterday\"")]
    [InlineData("""{"name":"a","layers":5,"kind":"first"}""", "layers", "must be at most 4 for the kind first; given 5")]
    [InlineData("""{"name":"a","parts":[7]}""", "parts[0]", "must be an object; given 7")]
    [InlineData("""{"name":"a","parts":[{"text":"x","inner":[]}]}""", "parts[0].inner", "must be an object; given an array")]
    [InlineData("""{"name":"a","parts":[{"text":"x","inner":{}},{"inner":{}}]}""", "parts[1].text", "is required")]
    [InlineData("[]", "$", "must be an object; given an array")]
    [InlineData("null", "$", "must be an object; given null")]
    [InlineData("\"x\"", "$", "must be an object; given \"x\"")]
    [InlineData("", "$", "the body is empty; a JSON object is required")]
    [InlineData("  \n ", "$", "the body is empty; a JSON object is required")]
    [InlineData("{\"name\":\n \"a\",}", "$", "the body is not valid JSON at line 2, byte 6")]
    [InlineData("{\"name\":\"a\"} x", "$", "the body is not valid JSON at line 1, byte 14")]
    [InlineData("{\"name\":\"a\"", "$", "the body is not valid JSON at line 1")]
    [InlineData("// no comments\n{}", "$", "the body is not valid JSON at line 1, byte 1")]
    [InlineData("""{"name":"a","tags":{"a":{"b":{"c":{}}}}}""", "$", "the body is not valid JSON at line 1")]
    [InlineData("""{"name":"a","\ud800":1}""", "$", "has a member whose name is not valid Unicode text")]
    public void Each_problem_is_named_with_the_value_and_what_is_allowed(string json, string path, string message)
    {
        var errors = ErrorsOf(json, new RequestLimits { MaxDepth = 4 });
        var (only, messages) = Assert.Single(errors);
        Assert.Equal(path, only);
        Assert.StartsWith(message, Assert.Single(messages), StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_of_a_body_come_at_once_in_the_order_sent()
    {
        var errors = ErrorsOf("""
            { "colour": "red", "layers": 9, "rate": "fast", "kind": 1, "texts": ["a", 2, "longer than eight"], "training": { "epochs": 0, "momentum": 1 },
              "tags": { "team": false }, "label": "x" }
            """);
        Assert.Equal(
            ["colour", "layers", "rate", "kind", "texts[1]", "texts[2]", "training.epochs", "training.momentum", "tags.team", "label", "name"],
            errors.Keys);
        Assert.All(errors.Values, messages => Assert.Single(messages));
    }

    [Fact]
    public void What_could_not_be_read_causes_no_second_problem()
    {
        Assert.Equal(["training.epochs"], ErrorsOf("""{"name":"a","training":{"epochs":"many"}}""").Keys);
        Assert.Equal(["training"], ErrorsOf("""{"name":"a","training":[]}""").Keys);
        Assert.Equal(["layers"], ErrorsOf("""{"name":"a","layers":50,"kind":"first"}""").Keys);
    }

    [Fact]
    public void Valid_text_is_read_whole_and_null_means_left_out()
    {
        var order = Read("""
            { "name": "a.b_c-1", "layers": 8, "rate": 1e-3, "seed": 9007199254740991, "kind": "secondKind", "flag": null, "texts": ["\ud83d\ude00", ""], "label": "ééééé",
              "tags": { "a": "b", "gone": null }, "training": { "epochs": 1, "seconds": null }, "steps": [ { "epochs": 2 }, {} ], "at": "2026-01-02T03:04:05+02:00", "free": null }
            """).Value!;
        Assert.Equal("a.b_c-1", order.Name);
        Assert.Equal((8, 1e-3, 9007199254740991L, SampleKind.SecondKind, true), (order.Layers!.Value, order.Rate!.Value, order.Seed!.Value, order.Kind!.Value, order.Flag));
        Assert.Equal(["😀", ""], order.Texts!);
        Assert.Equal("ééééé", order.Label);
        Assert.Equal(["a"], order.Tags!.Keys);
        Assert.Equal((1, null), (order.Training!.Epochs, order.Training.Seconds));
        Assert.Equal([2, null], order.Steps!.Select(step => step.Epochs));
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 1, 4, 5, TimeSpan.Zero), order.At);
        Assert.Null(order.Free);
    }

    [Fact]
    public void A_byte_order_mark_is_accepted_and_broken_UTF_8_is_located()
    {
        Assert.True(_reader.Read<SampleOrder>((byte[])[0xEF, 0xBB, 0xBF, .. "{\"name\":\"a\"}"u8], RequestLimits.Default).IsValid);
        var broken = _reader.Read<SampleOrder>((byte[])[.. "{\"name\":\""u8, 0xC3, (byte)'"', (byte)'}'], RequestLimits.Default);
        Assert.Equal("the body is not valid UTF-8 at byte 10", Assert.Single(Errors(broken)["$"]));
    }

    [Fact]
    public void A_flood_of_problems_is_counted_not_listed()
    {
        var json = "{\"name\":\"a\"," + string.Join(",", Enumerable.Range(0, 5000).Select(index => $"\"x{index}\":1")) + "}";
        var errors = ErrorsOf(json);
        Assert.Equal(101, errors.Count);
        Assert.Equal("4900 more problems are not listed", Assert.Single(errors["$"]));
    }

    [Fact]
    public void Random_JSON_is_accepted_or_refused_with_named_problems_but_never_fails()
    {
        var random = new RandomJson(seed: 1);
        var (valid, refused) = (0, 0);
        for (var round = 0; round < 20_000; round++)
        {
            var json = random.Body();
            var result = _reader.Read<SampleOrder>(Encoding.UTF8.GetBytes(json), RequestLimits.Default);
            if (result.IsValid)
            {
                valid++;
                continue;
            }

            refused++;
            Assert.NotEmpty(Errors(result));
            Assert.All(Errors(result), error => Assert.False(string.IsNullOrEmpty(error.Key) || error.Value.Length == 0, json));
        }

        Assert.True(valid > 50 && refused > 5000, $"{valid} valid, {refused} refused: the generator no longer reaches both.");
    }

    private RequestResult<SampleOrder> Read(string json, RequestLimits? limits = null) => _reader.Read<SampleOrder>(Encoding.UTF8.GetBytes(json), limits ?? RequestLimits.Default);

    private IReadOnlyDictionary<string, string[]> ErrorsOf(string json, RequestLimits? limits = null)
    {
        var result = Read(json, limits);
        Assert.False(result.IsValid, "should be refused: " + json);
        return Errors(result);
    }

    private static IReadOnlyDictionary<string, string[]> Errors(RequestResult<SampleOrder> result)
    {
        ProblemDetails problem = result.Problem!.ProblemDetails;
        Assert.Equal(400, problem.Status);
        return Assert.IsType<IReadOnlyDictionary<string, string[]>>(problem.Extensions["errors"], exactMatch: false);
    }
}
