namespace RnnService.Api.Storage;

/// <summary>The service cannot start, for a reason that its operator can mend and that the message tells.</summary>
public sealed class StartupRefusedException(string message, Exception? innerException = null) : Exception(message, innerException);
