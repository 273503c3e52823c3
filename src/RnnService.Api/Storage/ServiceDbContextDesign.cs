using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace RnnService.Api.Storage;

/// <summary>Lets `dotnet ef` see the schema without starting the service or touching its data folder.</summary>
internal sealed class ServiceDbContextDesign : IDesignTimeDbContextFactory<ServiceDbContext>
{
    public ServiceDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<ServiceDbContext>().UseSqlite("Data Source=:memory:").Options);
}
