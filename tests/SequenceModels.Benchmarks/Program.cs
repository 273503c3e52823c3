using System.Globalization;
using SequenceModels.Benchmarks;

// peers KIND[:CASE] SECONDS THREADS CASES.json   this library on fixed cases, one JSON line a case, as its peers print them
// products THREADS                               matrix products of training, share of the peak
// latency URL PER_SECOND SECONDS                how quickly a running service classifies while it trains
// peak THREADS                                   the machine's floating-point operations a second
return args switch
{
    ["peers", .. var rest] => PeersCommand.Run(rest),
    ["products", var threads] => ProductsCommand.Run(int.Parse(threads, CultureInfo.InvariantCulture)),
    ["latency", var service, var perSecond, var seconds] => await LatencyCommand.RunAsync(service, double.Parse(perSecond, CultureInfo.InvariantCulture), double.Parse(seconds, CultureInfo.InvariantCulture)),
    ["peak", var threads] => Peak(int.Parse(threads, CultureInfo.InvariantCulture)),
    _ => PeersCommand.Run([]),
};

static int Peak(int threads)
{
    Console.WriteLine(FormattableString.Invariant($"{FusedMultiplyAddPeak.Measure(threads) / 1e9:F0} GFLOP/s"));
    return 0;
}
