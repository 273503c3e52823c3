using System.Reflection;
using System.Runtime.Loader;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace SequenceModels.Tests.Documents;

/// <summary>The C# programs in the documents: found, compiled as a reader's would be, and run.</summary>
internal static partial class DocumentPrograms
{
    /// <summary>What a project with implicit usings has.</summary>
    private const string Usings = "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Threading; global using System.Threading.Tasks;";

    /// <summary>Programs write to the one console.</summary>
    private static readonly Lock s_console = new();

    /// <summary>The code blocks of a document, in order.</summary>
    public static IReadOnlyList<string> In(string document) =>
        [.. Block().Matches(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Documents", document))).Select(match => match.Groups["code"].Value)];

    /// <summary>Compiles and runs a program in a folder of its own.</summary>
    /// <returns>What it wrote.</returns>
    public static string Run(string code, params string[] arguments)
    {
        var assemblies = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        var compilation = CSharpCompilation.Create(
            $"Document{Guid.NewGuid():N}",
            [CSharpSyntaxTree.ParseText(Usings), CSharpSyntaxTree.ParseText(code)],
            assemblies.Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
        using var image = new MemoryStream();
        var built = compilation.Emit(image);
        Assert.True(built.Success, string.Join('\n', built.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)));

        image.Position = 0;
        var context = new AssemblyLoadContext(null, isCollectible: true);
        var entry = context.LoadFromStream(image).EntryPoint!;
        lock (s_console)
        {
            var console = Console.Out;
            using var written = new StringWriter();
            Console.SetOut(written);
            try
            {
                entry.Invoke(null, BindingFlags.DoNotWrapExceptions, null, entry.GetParameters().Length == 0 ? null : [arguments], null);
            }
            finally
            {
                Console.SetOut(console);
                context.Unload();
            }

            return written.ToString();
        }
    }

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
