using Microsoft.Extensions.Configuration;
using RnnService.Api.Hosting;

namespace RnnService.Api.Tests.Hosting;

public sealed class ListenAddressTests
{
    [Theory]
    [InlineData(null, null, false, "http://localhost:5080/")]
    [InlineData("urls", "http://127.0.0.1:7000", true, "http://127.0.0.1:7000/")]
    [InlineData("urls", "http://*:7001;https://*:7002", true, "http://localhost:7001/")]
    [InlineData("urls", "http://0.0.0.0:7003", true, "http://localhost:7003/")]
    [InlineData("urls", "http://[::]:7004", true, "http://localhost:7004/")]
    [InlineData("http_ports", "8080", true, "http://localhost:8080/")]
    [InlineData("http_ports", "8081;8082", true, "http://localhost:8081/")]
    [InlineData("https_ports", "8443", true, "https://localhost:8443/")]
    [InlineData("Kestrel:Endpoints:Http:Url", "http://*:9000", true, "http://localhost:9000/")]
    [InlineData("urls", "", false, "http://localhost:5080/")]
    public void The_default_address_holds_only_where_nothing_else_gives_one(string? key, string? value, bool configured, string local)
    {
        var configuration = new ConfigurationManager();
        if (key is not null) configuration[key] = value;
        Assert.Equal(configured, ListenAddress.IsConfigured(configuration));
        Assert.Equal(local, ListenAddress.Local(configuration).ToString());
    }
}
