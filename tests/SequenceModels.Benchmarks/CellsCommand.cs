using System.Globalization;
using System.Text.Json;
using SequenceModels.Tasks;

namespace SequenceModels.Benchmarks;

/// <summary>
/// Trains the same networks with each cell in turn, round by round, and tells tokens a second, the ratio to the LSTM of the same round and what is required of it. A GRU has three quarters of the LSTM's arithmetic and a
/// vanilla cell a quarter: 85 % and 60 % of what that would give are required, and of a normalised LSTM at most 15 % more time.
/// </summary>
internal static class CellsCommand
{
    private const int Rounds = 3;
    private const int WarmUpSteps = 3;
    private const string BuiltIn = """
        { "train": [
          { "case": "lm-h128", "vocab": 65, "embedding": 65, "hidden": 128, "layers": 1, "batch": 32, "time": 64 },
          { "case": "lm-h256x2", "vocab": 65, "embedding": 65, "hidden": 256, "layers": 2, "batch": 64, "time": 64 }
        ] }
        """;

    /// <summary>Prints a table; exit code 1 when a requirement is missed.</summary>
    /// <param name="args">Seconds a cell and case (6), threads (all processors), a file of cases (or - for two of its own), and cells beside the LSTM (all).</param>
    public static int Run(string[] args)
    {
        double seconds = args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 6;
        int threads = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : Environment.ProcessorCount;
        bool missed = false;
        Console.WriteLine("| case | cell | tokens/s | of the LSTM | required |\n|---|---|--:|--:|--:|");
        foreach (var item in args.Length > 2 && args[2] != "-" ? PeerCase.Read(args[2], "train") : Cases())
        {
            CellKind[] cells = args.Length > 3 ? [CellKind.Lstm, .. args.Skip(3).Select(name => Enum.Parse<CellKind>(name, ignoreCase: true))] : Enum.GetValues<CellKind>();
            var rates = cells.ToDictionary(cell => cell, _ => new double[Rounds]);
            for (int round = 0; round < Rounds; round++)
            {
                foreach (var cell in cells)
                    rates[cell][round] = TokensPerSecond(item, threads, cell, seconds / Rounds);
            }

            foreach (var cell in cells)
            {
                double ratio = Median(rates[cell].Zip(rates[CellKind.Lstm], (rate, lstm) => rate / lstm)), required = Required(cell);
                missed |= ratio < required;
                string verdict = required == 0 ? "" : FormattableString.Invariant($"{required:F2}{(ratio < required ? ": missed" : "")}");
                Console.WriteLine(FormattableString.Invariant($"| {item.Name} | {JsonNamingPolicy.CamelCase.ConvertName(cell.ToString())} | {Median(rates[cell]):F0} | {ratio:F2} | {verdict} |"));
            }
        }

        return missed ? 1 : 0;
    }

    private static double Required(CellKind cell) => cell switch
    {
        CellKind.Gru or CellKind.GruResetBefore => 4.0 / 3 * 0.85,
        CellKind.Rnn or CellKind.ReluRnn => 4 * 0.6,
        CellKind.LayerNormLstm or CellKind.LayerNormCellLstm or CellKind.LayerNormGatesLstm => 1 / 1.15,
        _ => 0,
    };

    private static double TokensPerSecond(PeerCase item, int threads, CellKind cell, double seconds)
    {
        using var workload = new TrainWorkload(new() { Cell = cell, EmbeddingSize = item["embedding"], HiddenSize = item["hidden"], Layers = item["layers"] }, item["vocab"], item["batch"], item["time"], threads);
        var (steps, _, elapsed) = PeersCommand.Time(workload.Step, seconds, WarmUpSteps);
        return steps * workload.Units / elapsed;
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);

    private static List<PeerCase> Cases()
    {
        using var document = JsonDocument.Parse(BuiltIn);
        return [.. document.RootElement.GetProperty("train").EnumerateArray().Select(element => new PeerCase("train", element.GetProperty("case").GetString()!, element.Clone()))];
    }
}
