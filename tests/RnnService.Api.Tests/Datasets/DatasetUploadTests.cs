using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace RnnService.Api.Tests.Datasets;

public sealed class DatasetUploadTests
{
    [Fact]
    public async Task An_upload_answers_201_with_the_dataset_and_its_place()
    {
        await using var host = await ServiceHost.StartAsync();
        using var response = await host.Client.PostAsync(
            new Uri("/api/v1/datasets?name=mine&format=csv", UriKind.Relative),
            DatasetRequests.Raw("\uFEFFid,text,label\r\n1,good é,yes\r\n2,bad,no\r\n3,bad,no\r\n", "text/csv; charset=utf-8"));

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("/api/v1/datasets/mine", response.Headers.Location?.ToString());
        var dataset = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal(["name", "format", "bytes", "sha256", "createdAt", "builtIn", "warnings", "warningCount", "statistics"], dataset.AsObject().Select(member => member.Key));
        Assert.Equal("csv", (string?)dataset["format"]);
        Assert.Equal(53, (int?)dataset["bytes"]);
        Assert.False((bool?)dataset["builtIn"]);
        Assert.Equal(["rareLabel", "rareLabel", "duplicateText"], dataset["warnings"]!.AsArray().Select(warning => (string)warning!["code"]!));
        Assert.Equal(4, (int?)dataset["warnings"]![2]!["line"]);
        Assert.Equal(3, (int?)dataset["warningCount"]);
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""
                {
                  "sequences": 3, "characters": 12, "distinctCharacters": 7, "unusedColumns": ["id"], "labels": { "no": 2, "yes": 1 },
                  "lengths": { "minimum": 3, "mean": 4, "median": 3, "percentile95": 6, "maximum": 6 },
                  "frequentCharacters": [
                    { "character": "d", "count": 3 }, { "character": "a", "count": 2 }, { "character": "b", "count": 2 }, { "character": "o", "count": 2 },
                    { "character": " ", "count": 1 }, { "character": "g", "count": 1 }, { "character": "é", "count": 1 }],
                  "unknownShare": { "characters": 0.25, "words": 0.5 }
                }
                """),
            dataset["statistics"]));
        Assert.True(JsonNode.DeepEquals(dataset, await host.GetAsync("/api/v1/datasets/mine")));
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/octet-stream")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json")]
    [InlineData("nonsense/of any; kind=1")]
    [InlineData(null)]
    public async Task Any_media_type_but_multipart_is_the_file_itself(string? mediaType)
    {
        await using var host = await ServiceHost.StartAsync();
        using var body = DatasetRequests.Raw(Encoding.UTF8.GetBytes(DatasetRequests.Lines), null);
        if (mediaType is not null) body.Headers.TryAddWithoutValidation("Content-Type", mediaType);
        var dataset = await host.UploadAsync("name=mine&format=lines", body);
        Assert.Equal(DatasetRequests.Sha256(DatasetRequests.Lines), (string?)dataset["sha256"]);
    }

    [Fact]
    public async Task A_form_with_the_part_file_is_the_same_as_the_raw_body()
    {
        await using var host = await ServiceHost.StartAsync();
        using var form = DatasetRequests.Form(DatasetRequests.Lines);
        var dataset = await host.UploadAsync("name=mine&format=lines", form);
        Assert.Equal(DatasetRequests.Sha256(DatasetRequests.Lines), (string?)dataset["sha256"]);
        await host.UploadAsync("name=mine&format=lines", DatasetRequests.Lines, 200);
        Assert.Equal(["content", "mine.json"], DatasetRequests.Files(host.Root, $"datasets/{(string?)dataset["sha256"]}"));
    }

    [Fact]
    public async Task The_same_content_again_is_200_and_other_content_409()
    {
        await using var host = await ServiceHost.StartAsync();
        var first = await host.UploadAsync("name=mine&format=lines", DatasetRequests.Lines);
        Assert.True(JsonNode.DeepEquals(first, await host.UploadAsync("name=mine&format=lines", DatasetRequests.Lines, 200)));

        var other = await host.UploadAsync("name=mine&format=lines", "other\n", 409);
        Assert.Equal("/problems/name-taken", (string?)other["type"]);
        await host.UploadAsync("name=mine&format=text", DatasetRequests.Lines, 409);
        Assert.True(JsonNode.DeepEquals(first, await host.GetAsync("/api/v1/datasets/mine")));

        await host.UploadAsync("name=another&format=text", DatasetRequests.Lines);
        Assert.Equal(["another.json", "content", "mine.json"], DatasetRequests.Files(host.Root, $"datasets/{(string?)first["sha256"]}"));
    }

    [Fact]
    public async Task The_same_columns_named_or_left_out_are_the_same_dataset()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.UploadAsync("name=mine&format=csv", "text,label\na,b\n");
        await host.UploadAsync("name=mine&format=csv&header=true&textColumn=text&labelColumn=label", "text,label\na,b\n", 200);
        await host.UploadAsync("name=mine&format=csv&textColumn=label&labelColumn=text", "text,label\na,b\n", 409);
        await host.UploadAsync("name=numbered&format=csv&header=false&textColumn=2&labelColumn=1", "b,a\n");
    }

    [Fact]
    public async Task A_built_in_name_is_taken_unless_the_content_is_the_same()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.UploadAsync("name=dinosaurs&format=lines", DatasetRequests.Lines, 409);
        using var content = await host.ContentAsync("dinosaurs");
        await host.UploadAsync("name=dinosaurs&format=lines", await content.Content.ReadAsStringAsync(), 200);
        DatasetRequests.AssertNothingIsKept(host.Root);
    }

    [Fact]
    public async Task Faults_answer_422_with_their_lines_and_keep_nothing()
    {
        await using var host = await ServiceHost.StartAsync();
        var problem = await host.UploadAsync("name=mine&format=csv", "text,label\n,x\na\nb,\n", 422);
        Assert.Equal("/problems/faulty-dataset", (string?)problem["type"]);
        Assert.Equal(3, (int?)problem["faultCount"]);
        Assert.Equal(
            [(2, "emptyText"), (3, "wrongColumnCount"), (4, "emptyLabel")],
            problem["faults"]!.AsArray().Select(fault => ((int)fault!["line"]!, (string)fault["code"]!)));
        Assert.All(problem["faults"]!.AsArray(), fault => Assert.NotEmpty((string)fault!["message"]!));

        Assert.Equal("noData", (string?)(await host.UploadAsync("name=mine&format=lines", "", 422))["faults"]![0]!["code"]);
        var latin = await host.UploadAsync("name=mine&format=lines", DatasetRequests.Raw([.. "caf"u8, 0xE9, (byte)'\n']), 422);
        Assert.Equal((1, "invalidEncoding"), ((int)latin["faults"]![0]!["line"]!, (string)latin["faults"]![0]!["code"]!));

        await host.GetAsync("/api/v1/datasets/mine", 404);
        DatasetRequests.AssertNothingIsKept(host.Root);
    }

    [Theory]
    [InlineData("", new[] { "format", "name" })]
    [InlineData("name=Bad%20Name&format=CSV&limit=5", new[] { "format", "limit", "name" })]
    [InlineData("name=..&format=lines", new[] { "name" })]
    [InlineData("name=a%2Fb&format=lines", new[] { "name" })]
    [InlineData("name=a&name=b&format=lines", new[] { "name" })]
    [InlineData("name=a&format=1", new[] { "format" })]
    [InlineData("name=a&format=lines&header=false&textColumn=1&labelColumn=2", new[] { "header", "labelColumn", "textColumn" })]
    [InlineData("name=a&format=jsonl&header=true", new[] { "header" })]
    [InlineData("name=a&format=csv&header=yes&textColumn=", new[] { "header", "textColumn" })]
    [InlineData("name=a&format=csv&header=false&textColumn=0&labelColumn=two", new[] { "labelColumn", "textColumn" })]
    [InlineData("name=a&format=tsv&textColumn=label", new[] { "labelColumn" })]
    public async Task All_problems_of_the_query_come_at_once(string query, string[] members)
    {
        await using var host = await ServiceHost.StartAsync();
        var problem = await host.UploadAsync(query, DatasetRequests.Lines, 400);
        Assert.Equal(members, ServiceHost.Errors(problem).Keys.Order(StringComparer.Ordinal));
        DatasetRequests.AssertNothingIsKept(host.Root);
    }

    [Fact]
    public async Task Media_types_that_are_not_read_answer_415()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.UploadAsync("name=a&format=lines", DatasetRequests.Raw(DatasetRequests.Lines, "multipart/mixed; boundary=x"), 415);
        await host.UploadAsync("name=a&format=lines", DatasetRequests.Raw(DatasetRequests.Lines, "text/plain; charset=iso-8859-1"), 415);
        using var compressed = DatasetRequests.Raw(DatasetRequests.Lines);
        compressed.Headers.ContentEncoding.Add("gzip");
        await host.UploadAsync("name=a&format=lines", compressed, 415);
        DatasetRequests.AssertNothingIsKept(host.Root);
    }

    [Fact]
    public async Task Forms_that_are_not_one_file_answer_400()
    {
        await using var host = await ServiceHost.StartAsync();
        using var otherPart = DatasetRequests.Form(DatasetRequests.Lines, "data");
        Assert.Equal(["data"], ServiceHost.Errors(await host.UploadAsync("name=a&format=lines", otherPart, 400)).Keys);

        using var twice = DatasetRequests.Form(DatasetRequests.Lines);
        twice.Add(DatasetRequests.Raw("again\n"), "file", "again.txt");
        Assert.Equal(["file"], ServiceHost.Errors(await host.UploadAsync("name=a&format=lines", twice, 400)).Keys);

        using var more = DatasetRequests.Form(DatasetRequests.Lines);
        more.Add(DatasetRequests.Raw("lines"), "format");
        Assert.Equal(["format"], ServiceHost.Errors(await host.UploadAsync("name=a&format=lines", more, 400)).Keys);

        foreach (var (body, type) in new[]
        {
            ("", "multipart/form-data; boundary=x"),
            ("--x\r\n", "multipart/form-data; boundary=x"),
            ("--x--\r\n", "multipart/form-data; boundary=x"),
            ("--x\r\nContent-Disposition: form-data; name=file\r\n\r\ncut off", "multipart/form-data; boundary=x"),
            ("--x\r\n\r\nno disposition\r\n--x--\r\n", "multipart/form-data; boundary=x"),
            ("--x\r\nnonsense\r\n\r\nno header\r\n--x--\r\n", "multipart/form-data; boundary=x"),
            ("--y\r\nContent-Disposition: form-data; name=file\r\n\r\nother boundary\r\n--y--\r\n", "multipart/form-data; boundary=x"),
            ("--x\r\n", "multipart/form-data"),
            ("--x\r\n", $"multipart/form-data; boundary={new string('x', 71)}"),
        })
        {
            using var content = DatasetRequests.Raw(Encoding.UTF8.GetBytes(body), null);
            content.Headers.TryAddWithoutValidation("Content-Type", type);
            await host.UploadAsync("name=a&format=lines", content, 400);
        }

        DatasetRequests.AssertNothingIsKept(host.Root);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task More_than_MaxUploadBytes_answers_413_also_where_no_length_is_told(bool isForm, bool isChunked)
    {
        await using var host = await ServiceHost.StartAsync(new Dictionary<string, string?> { ["Datasets:MaxUploadBytes"] = "100000" });
        foreach (var (bytes, status) in new[] { (100_000, 201), (100_001, 413), (1_000_000, 413) })
        {
            HttpContent body = isForm ? DatasetRequests.Form(new string('a', bytes)) : DatasetRequests.Raw(new string('a', bytes));
            if (isChunked)
            {
                var inner = body;
                body = new ChunkedContent((stream, token) => inner.CopyToAsync(stream, token));
                body.Headers.ContentType = inner.Headers.ContentType;
            }

            using (body)
            {
                var answer = await host.UploadAsync($"name=a{bytes}&format=lines", body, status);
                if (status == 413) Assert.Equal(100_000, (int?)answer["maxBytes"]);
            }
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(host.Root, "staging")));
        Assert.Equal(["a100000", "dinosaurs", "opinions"], await host.NamesAsync());
    }

    [Fact]
    public async Task Uploads_of_one_name_at_the_same_time_leave_one_winner()
    {
        await using var host = await ServiceHost.StartAsync();
        var statuses = await Task.WhenAll(Enumerable.Range(0, 12).Select(async i =>
        {
            using var response = await host.Client.PostAsync(new Uri("/api/v1/datasets?name=mine&format=lines", UriKind.Relative), DatasetRequests.Raw($"content {i % 3}\n"));
            return (int)response.StatusCode;
        }));
        Assert.Equal(1, statuses.Count(status => status == 201));
        Assert.Equal(3, statuses.Count(status => status == 200));
        Assert.Equal(8, statuses.Count(status => status == 409));
        Assert.Single(Directory.EnumerateDirectories(Path.Combine(host.Root, "datasets")));
    }

    [Fact]
    public async Task An_upload_that_the_client_gives_up_leaves_nothing_behind()
    {
        await using var host = await ServiceHost.StartAsync();
        using var cancellation = new CancellationTokenSource();
        using var body = new ChunkedContent(async (stream, token) =>
        {
            await stream.WriteAsync(new byte[300_000], token);
            await stream.FlushAsync(token);
            while (!Directory.EnumerateFiles(Path.Combine(host.Root, "staging"), "*", SearchOption.AllDirectories).Any(path => new FileInfo(path).Length > 0)) await Task.Delay(10, token);
            await cancellation.CancelAsync();
            await Task.Delay(Timeout.Infinite, token);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            host.Client.PostAsync(new Uri("/api/v1/datasets?name=mine&format=text", UriKind.Relative), body, cancellation.Token));

        for (var i = 0; i < 500 && Directory.EnumerateFileSystemEntries(Path.Combine(host.Root, "staging")).Any(); i++) await Task.Delay(10);
        DatasetRequests.AssertNothingIsKept(host.Root);
    }

    [Fact]
    public async Task An_idempotency_key_repeats_the_first_answer_and_is_not_for_another_upload()
    {
        await using var host = await ServiceHost.StartAsync();
        async Task<(HttpStatusCode Status, string Body)> UploadAsync(string name, string content, string key)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/api/v1/datasets?name={name}&format=lines", UriKind.Relative)) { Content = new StringContent(content) };
            request.Headers.Add("Idempotency-Key", key);
            using var response = await host.Client.SendAsync(request);
            return (response.StatusCode, await response.Content.ReadAsStringAsync());
        }

        var first = await UploadAsync("colours", "red\nblue\n", "key-1");
        Assert.Equal(HttpStatusCode.Created, first.Status);
        Assert.Equal(first, await UploadAsync("colours", "red\nblue\n", "key-1"));
        Assert.Equal(HttpStatusCode.Conflict, (await UploadAsync("colours", "red\ngreen\n", "key-1")).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await UploadAsync("others", "red\nblue\n", "key-1")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await UploadAsync("others", "red\nblue\n", new string('k', 256))).Status);
        // Without the key it is the same dataset, as ever.
        Assert.Equal(HttpStatusCode.OK, (await UploadAsync("colours", "red\nblue\n", "key-2")).Status);

        // Different uploads with one key, all at once: one is carried out, and those like it get its answer.
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(number => UploadAsync(number % 2 == 0 ? "even" : "odd", "red\n", "key-3")));
        Assert.Equal(5, answers.Count(answer => answer.Status == HttpStatusCode.Created));
        Assert.Equal(5, answers.Count(answer => answer.Status == HttpStatusCode.Conflict));
        Assert.Single(answers.Where(answer => answer.Status == HttpStatusCode.Created).Select(answer => answer.Body).Distinct());
    }
}
