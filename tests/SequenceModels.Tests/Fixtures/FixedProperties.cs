using FsCheck.Xunit;

// Properties are tried with the same numbers in each run: a failure can be repeated, and a run says something about the code alone.
[assembly: Properties(Replay = "(20260101,7)")]
