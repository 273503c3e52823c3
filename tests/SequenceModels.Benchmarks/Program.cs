using SequenceModels.Benchmarks;

// peers KIND[:CASE] SECONDS THREADS CASES.json   this library on fixed cases, one JSON line a case, as its peers print them
return args is ["peers", .. var rest] ? PeersCommand.Run(rest) : PeersCommand.Run([]);
