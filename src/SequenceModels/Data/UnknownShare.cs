namespace SequenceModels.Data;

/// <summary>
/// Which share of new text, of the kind of the dataset, would be read as unknown by a vocabulary that was chosen from the dataset without any wishes: estimated as the share
/// of all tokens that belong to tokens seen no more than m times, where tokens seen less than m times are left out of the vocabulary (Good 1953: tokens seen r times are,
/// together, as frequent as those seen r + 1 times in the sample).
/// </summary>
/// <param name="Characters">Of characters: m is 1.</param>
/// <param name="Words">
/// Of words, lower-cased where sequences are labelled: m is 2, or 1 for less than 200 labelled sequences. Of more than 65,536 different words a sample is
/// counted, and the share is right to about one part in a hundred. Null where there are no words.
/// </param>
public sealed record UnknownShare(double Characters, double? Words);
