using System.ComponentModel;
using System.Runtime.InteropServices;

namespace RnnService.Api.TrainingJobs;

/// <summary>Runs long computations on a thread of low priority, so that requests stay quick.</summary>
internal static class BackgroundThread
{
    /// <summary>On Linux a niceness is that of a thread, and the calling thread is 0.</summary>
    private const int PriorityOfProcess = 0;

    /// <summary>Runs <paramref name="work"/> on a thread of its own. Threads that it starts are as nice as it is: on Linux niceness is inherited.</summary>
    public static Task<T> RunAsync<T>(string name, int niceness, ILogger logger, Func<T> work)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            LowerPriority(niceness, logger);
            try
            {
                result.SetResult(work());
            }
            catch (OperationCanceledException cancelled)
            {
                result.SetCanceled(cancelled.CancellationToken);
            }
            catch (Exception failure)
            {
                // Whatever it is, it belongs to the one who awaits the result: on this thread it would end the process.
                result.SetException(failure);
            }
        })
        {
            Name = name,
            IsBackground = true,
        };
        thread.Start();
        return result.Task;
    }

    private static void LowerPriority(int niceness, ILogger logger)
    {
        // Thread.Priority does nothing on Linux.
        if (!OperatingSystem.IsLinux())
            Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
        else if (SetPriority(PriorityOfProcess, 0, niceness) != 0)
            logger.LogWarning("The priority of the training thread could not be lowered: {Reason}", new Win32Exception(Marshal.GetLastPInvokeError()).Message);
    }

    [DllImport("libc", EntryPoint = "setpriority", SetLastError = true)]
    private static extern int SetPriority(int which, int who, int niceness);
}
