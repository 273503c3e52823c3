namespace SequenceModels;
