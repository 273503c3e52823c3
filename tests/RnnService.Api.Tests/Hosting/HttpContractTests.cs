using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using RnnService.Api.Hosting;

namespace RnnService.Api.Tests.Hosting;

public sealed class HttpContractTests
{
    [Theory]
    [InlineData("GET", "/api/v1/nothing", 404, "/problems/not-found")]
    [InlineData("GET", "/nothing", 404, "/problems/not-found")]
    [InlineData("DELETE", "/api/v1/orders", 405, "/problems/method-not-allowed")]
    [InlineData("GET", "/api/v1/throws", 500, "/problems/internal-error")]
    [InlineData("GET", "/api/v1/refuses", 413, "/problems/too-large")]
    [InlineData("GET", "/api/v1/slow", 503, "/problems/unavailable")]
    public async Task Every_failure_is_a_problem_whatever_the_caller_accepts(string method, string path, int status, string type)
    {
        await using var api = await SampleApi.StartAsync();
        foreach (var accept in new[] { "*/*", "text/html", "text/event-stream", "application/json" })
        {
            api.Client.DefaultRequestHeaders.Accept.Clear();
            api.Client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue(accept));
            var (given, problem, response) = await api.SendAsync(method, path);
            Assert.Equal(status, given);
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            Assert.Equal(type, (string?)problem["type"]);
            Assert.Equal(status, (int?)problem["status"]);
            Assert.Equal(path, (string?)problem["instance"]);
            Assert.False(string.IsNullOrEmpty((string?)problem["title"]));
            Assert.False(string.IsNullOrEmpty((string?)problem["detail"]));
            Assert.False(string.IsNullOrEmpty((string?)problem["traceId"]));
            Assert.DoesNotContain("secret", problem.ToJsonString(), StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", problem.ToJsonString(), StringComparison.Ordinal);
            if (status == 503) break;
        }
    }

    [Fact]
    public async Task A_wrong_method_names_the_right_ones_and_a_timeout_says_when_to_retry()
    {
        await using var api = await SampleApi.StartAsync();
        var (_, _, wrong) = await api.SendAsync("DELETE", "/api/v1/orders");
        Assert.Equal(["GET", "POST"], wrong.Content.Headers.Allow.Order());
        var (_, _, slow) = await api.SendAsync("GET", "/api/v1/slow");
        Assert.NotNull(slow.Headers.RetryAfter?.Delta);
    }

    [Theory]
    [InlineData(null, """{"name":"a"}""", 415)]
    [InlineData("text/plain", """{"name":"a"}""", 415)]
    [InlineData("application/x-www-form-urlencoded", """{"name":"a"}""", 415)]
    [InlineData("application/json; charset=latin1", """{"name":"a"}""", 415)]
    [InlineData("nonsense", """{"name":"a"}""", 415)]
    [InlineData("application/json", "", 400)]
    [InlineData(null, "", 400)]
    [InlineData("application/json", """{"name":"a"}""", 200)]
    [InlineData("application/json; charset=\"UTF-8\"", """{"name":"a"}""", 200)]
    [InlineData("application/merge-patch+json", """{"name":"a"}""", 200)]
    public async Task The_media_type_must_be_JSON(string? mediaType, string body, int status)
    {
        await using var api = await SampleApi.StartAsync();
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        if (mediaType is not null) Assert.True(content.Headers.TryAddWithoutValidation("Content-Type", mediaType));
        Assert.Equal(status, (await api.SendAsync("POST", "/api/v1/orders", content)).Status);
    }

    [Theory]
    [InlineData(2048, 200)]
    [InlineData(2049, 413)]
    public async Task A_body_of_more_bytes_than_the_route_allows_is_refused(int bytes, int status)
    {
        await using var api = await SampleApi.StartAsync();
        var body = """{"name":"a"}""".PadRight(bytes);
        Assert.Equal(status, (await api.SendAsync("POST", "/api/v1/orders", Json(body))).Status);
        // The same without a length that is known beforehand.
        using var chunked = new StreamContent(new UnseekableStream(Encoding.UTF8.GetBytes(body)));
        chunked.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        Assert.Equal(status, (await api.SendAsync("POST", "/api/v1/orders", chunked)).Status);
    }

    [Fact]
    public async Task A_compressed_body_is_refused_not_misread()
    {
        await using var api = await SampleApi.StartAsync();
        var content = Json("""{"name":"a"}""");
        content.Headers.ContentEncoding.Add("gzip");
        Assert.Equal(415, (await api.SendAsync("POST", "/api/v1/orders", content)).Status);
    }

    [Theory]
    [InlineData("?limit=0", "limit", "must be an integer from 1 to 200; given 0")]
    [InlineData("?limit=201", "limit", "must be an integer from 1 to 200; given 201")]
    [InlineData("?limit=ten", "limit", "must be an integer from 1 to 200; given \"ten\"")]
    [InlineData("?limit=", "limit", "must be an integer from 1 to 200; given \"\"")]
    [InlineData("?limit=1.5", "limit", "must be an integer from 1 to 200; given 1.5")]
    [InlineData("?limit=%201", "limit", "must be an integer from 1 to 200; given \" 1\"")]
    [InlineData("?limit=1&limit=2", "limit", "may be given once; given 2 times")]
    [InlineData("?Limit=1", "Limit", "is an unknown query parameter; the parameters here are ")]
    [InlineData("?unknown", "unknown", "is an unknown query parameter")]
    [InlineData("?temperature=NaN", "temperature", "must be a number from 0 to 5; given \"NaN\"")]
    [InlineData("?temperature=1,5", "temperature", "must be a number from 0 to 5; given \"1,5\"")]
    [InlineData("?header=True", "header", "must be true or false; given \"True\"")]
    [InlineData("?kind=0", "kind", "must be one of \"first\", \"secondKind\"; given \"0\"")]
    [InlineData("?after=nonsense", "after", "must be the \"next\" of an earlier page of this list; given \"nonsense\"")]
    public async Task Each_problem_of_a_query_is_named(string query, string name, string message)
    {
        await using var api = await SampleApi.StartAsync();
        var (status, problem, _) = await api.SendAsync("GET", "/api/v1/orders" + query);
        Assert.Equal(400, status);
        var (only, messages) = Assert.Single(ServiceHost.Errors(problem));
        Assert.Equal(name, only);
        Assert.StartsWith(message, Assert.Single(messages), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_problems_of_a_query_come_at_once_and_a_right_one_is_read()
    {
        await using var api = await SampleApi.StartAsync();
        var (_, problem, _) = await api.SendAsync("GET", "/api/v1/orders?limit=0&colour=red&temperature=9&kind=x");
        Assert.Equal(["colour", "limit", "temperature", "kind"], ServiceHost.Errors(problem).Keys);

        var (status, query, _) = await api.SendAsync("GET", $"/api/v1/orders?status=12&temperature=1e-1&stop=a%26b&stop=true&header=false&kind=secondKind&after={Cursor.Of("x")}");
        Assert.Equal(200, status);
        Assert.Equal("12", (string?)query["status"]);
        Assert.Equal(0.1, (double?)query["temperature"]);
        Assert.Equal(["a&b", "true"], query["stop"]!.AsArray().Select(stop => (string?)stop));
        Assert.False((bool?)query["header"]);
    }

    [Fact]
    public async Task An_operation_that_reads_no_query_or_body_refuses_them()
    {
        await using var api = await SampleApi.StartAsync();
        var (status, problem, _) = await api.SendAsync("POST", "/api/v1/orders/7/cancel?force=true&now");
        Assert.Equal(400, status);
        Assert.Equal(["force", "now"], ServiceHost.Errors(problem).Keys);
        Assert.Equal(400, (await api.SendAsync("POST", "/api/v1/orders/7/cancel", Json("""{"force":true}"""))).Status);
        Assert.Equal(400, (await api.SendAsync("POST", "/api/v1/orders/7/cancel", Json("nonsense"))).Status);
        Assert.Equal(200, (await api.SendAsync("POST", "/api/v1/orders/7/cancel", Json("{}"))).Status);
        Assert.Equal(200, (await api.SendAsync("POST", "/api/v1/orders/7/cancel")).Status);
        Assert.Equal(400, (await api.SendAsync("POST", "/api/v1/orders?x=1", Json("""{"name":"a"}"""))).Status);
    }

    [Fact]
    public async Task Numbers_that_JSON_lacks_are_null_and_times_are_UTC()
    {
        await using var api = await SampleApi.StartAsync();
        var (_, json, _) = await api.SendAsync("GET", "/api/v1/nan");
        Assert.Equal("""{"value":null,"narrow":null,"finite":1.5,"at":"2026-01-02T01:04:05.000Z","kind":"secondKind"}""", json.ToJsonString());
    }

    [Fact]
    public async Task Every_answer_carries_the_security_headers()
    {
        await using var api = await SampleApi.StartAsync();
        foreach (var path in new[] { "/api/v1/orders", "/api/v1/throws", "/nothing", "/swagger/index.html" })
        {
            using var response = await api.Client.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
            Assert.Contains("frame-ancestors 'none'", Assert.Single(response.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
            Assert.Equal("no-referrer", Assert.Single(response.Headers.GetValues("Referrer-Policy")));
            Assert.False(response.Headers.Contains("Server"));
        }
    }

    [Fact]
    public async Task The_document_tells_ranges_names_and_choices_of_the_contracts()
    {
        await using var api = await SampleApi.StartAsync();
        var (_, document, _) = await api.SendAsync("GET", "/swagger/v1/swagger.json");
        var limit = document["paths"]!["/api/v1/orders"]!["get"]!["parameters"]!.AsArray().Single(parameter => (string?)parameter!["name"] == "limit")!;
        Assert.Equal("""{"maximum":200,"minimum":1,"type":"integer","format":"int32"}""", Sorted(limit["schema"]!, "maximum", "minimum", "type", "format"));
        Assert.False(string.IsNullOrEmpty((string?)limit["description"]));

        var post = document["paths"]!["/api/v1/orders"]!["post"]!;
        Assert.Equal("a", (string?)post["requestBody"]!["content"]!["application/json"]!["example"]!["name"]);
        Assert.Equal(["200", "400", "413", "415", "500", "503"], post["responses"]!.AsObject().Select(response => response.Key).Order());

        var order = document["components"]!["schemas"]!["SampleOrder"]!;
        Assert.Equal("[\"name\"]", order["required"]!.ToJsonString());
        Assert.False((bool?)order["additionalProperties"]);
        var members = order["properties"]!;
        Assert.Equal(ResourceNamePattern, (string?)members["name"]!["pattern"]);
        Assert.Equal((1, 8), ((int?)members["layers"]!["minimum"], (int?)members["layers"]!["maximum"]));
        Assert.True((bool?)members["rate"]!["exclusiveMinimum"]);
        Assert.Equal((1, 3, 8), ((int?)members["texts"]!["minItems"], (int?)members["texts"]!["maxItems"], (int?)members["texts"]!["items"]!["maxLength"]));
        Assert.Equal("[\"first\",\"secondKind\"]", document["components"]!["schemas"]!["SampleKind"]!["enum"]!.ToJsonString());
        Assert.NotNull(document["components"]!["schemas"]!["SampleOrderPage"]);
    }

    private const string ResourceNamePattern = Api.Storage.ResourceName.Pattern;

    private static string Sorted(JsonNode schema, params string[] names) =>
        new JsonObject(names.Where(name => schema[name] is not null).Select(name => KeyValuePair.Create<string, JsonNode?>(name, schema[name]!.DeepClone()))).ToJsonString();

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private sealed class UnseekableStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
