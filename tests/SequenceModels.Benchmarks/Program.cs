using System.Globalization;
using BenchmarkDotNet.Running;
using SequenceModels.Benchmarks;
using SequenceModels.Benchmarks.Comparison;
using SequenceModels.Benchmarks.Scaling;
using SequenceModels.Benchmarks.Study;
using SequenceModels.Benchmarks.Suites;

// peers KIND[:CASE] SECONDS THREADS CASES.json   this library on fixed cases, one JSON line a case, as its peers print them
// compare CASES.json --torch CMD --onnx CMD ...  this library and its peers in turn: table, JSON, picture
// scaling [--text FILE] ...                      cost by length of sequence and size of corpus, memory against its estimate
// study [--settings FILE.json] ...              what settings reach on real data, on rows that are not shown
// bdn [BenchmarkDotNet arguments]                kernels, training step, token and classification under BenchmarkDotNet
// products THREADS                               matrix products of training, share of the peak
// options [SECONDS] [THREADS] [CASE]             what each option of the layers costs a training step
// cells [SECONDS] [THREADS] [CASES.json] [CELL ...]   training with each cell in turn: tokens a second, ratio to the LSTM, what is required of it
// latency URL PER_SECOND SECONDS                how quickly a running service classifies while it trains
// peak THREADS                                   the machine's floating-point operations a second
return args switch
{
    ["peers", .. var rest] => PeersCommand.Run(rest),
    ["compare", .. var rest] => await CompareCommand.RunAsync(rest),
    ["scaling", .. var rest] => await ScalingCommand.RunAsync(rest),
    [CorpusRun.Command, .. var rest] => CorpusRun.Run(rest),
    ["study", .. var rest] => StudyCommand.Run(rest),
    ["bdn", .. var rest] => Suites(rest),
    ["products", var threads] => ProductsCommand.Run(int.Parse(threads, CultureInfo.InvariantCulture)),
    ["options", .. var rest] => OptionsCommand.Run(rest),
    ["cells", .. var rest] => CellsCommand.Run(rest),
    ["latency", var service, var perSecond, var seconds] => await LatencyCommand.RunAsync(service, double.Parse(perSecond, CultureInfo.InvariantCulture), double.Parse(seconds, CultureInfo.InvariantCulture)),
    ["peak", var threads] => Peak(int.Parse(threads, CultureInfo.InvariantCulture)),
    _ => PeersCommand.Run([]),
};

static int Suites(string[] arguments) =>
    BenchmarkSwitcher.FromAssembly(typeof(Suite).Assembly).Run(arguments).All(summary => !summary.HasCriticalValidationErrors && summary.Reports.All(report => report.Success)) ? 0 : 1;

static int Peak(int threads)
{
    Console.WriteLine(FormattableString.Invariant($"{FusedMultiplyAddPeak.Measure(threads) / 1e9:F0} GFLOP/s"));
    return 0;
}
