using RnnService.Api.Storage;
using SequenceModels.Training;

namespace RnnService.Api.TrainingJobs;

/// <summary>Why jobs fail, in words for the one who asked for them. An unexpected error tells nothing of itself: the log has it in full.</summary>
internal static class JobErrors
{
    public static JobError DataIsGone { get; } =
        new("/problems/data-gone", "The data is not there any more", 404, "The content of the job's dataset is missing from the data folder.");

    public static JobError BaseIsGone(JobBase start) =>
        new("/problems/base-gone", "The version to start from is not there any more", 404, $"{start.Reference}, which the job starts from, is not in the data folder any more, or its files are not those that the job was planned with.");

    public static JobError CannotLearn(string reason) => new("/problems/unprocessable", "The data cannot be learned from", 422, reason);

    public static JobError Of(Exception failure) => failure switch
    {
        TrainingDivergedException diverged => new("/problems/diverged", "Training diverged", 422, diverged.Message),
        OutOfMemoryException => new(
            "/problems/out-of-memory", "Training needs more memory than there is", 500,
            "Training needed more memory than the machine has; a smaller network, batch or sequence length needs less."),
        _ when StorageFaults.Is(failure) => new(
            "/problems/storage-failed", "The data folder could not be read or written", 500,
            "The data folder could not be read or written, which a full disk may have caused. The service's log tells more under the job's id."),
        _ => new("/problems/internal-error", "The service failed", 500, "Training ended by an unexpected error. The service's log tells more under the job's id."),
    };
}
