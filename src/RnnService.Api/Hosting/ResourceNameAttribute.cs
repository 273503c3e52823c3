using System.ComponentModel.DataAnnotations;
using RnnService.Api.Storage;

namespace RnnService.Api.Hosting;

/// <summary>The member is a name by the rule of <see cref="ResourceName"/>.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class ResourceNameAttribute() : RegularExpressionAttribute(ResourceName.Pattern);
