namespace RnnService.Api.Hosting;

/// <summary>The shape of a request body or query string. <see cref="RequestReader"/> checks the shape, the types and the ranges declared by attributes; <see cref="Validate"/> adds what attributes cannot say.</summary>
public interface IRequestContract
{
    /// <summary>Adds a problem for everything that is wrong. Members that could not be read are left out and need no second message: problems at their paths are dropped.</summary>
    void Validate(Problems problems);
}
