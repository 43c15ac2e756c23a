"""The bridge beside what else could do its job, in one run: what a frame costs, how late it is, how many fit a core."""
