// Most of their time these tests wait: for processes to start, for jobs that give way to all else, for deadlines. So more of them run at a time than there are cores.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
