using System.Runtime.InteropServices;

namespace SequenceModels.Tensors;

/// <summary>Clearing and copying of float blocks of any size.</summary>
internal static unsafe class Memory
{
    public static void Clear(float* destination, long length) => NativeMemory.Clear(destination, (nuint)length * sizeof(float));

    public static void Copy(float* source, float* destination, long length) => NativeMemory.Copy(source, destination, (nuint)length * sizeof(float));
}
