"""A short list of our own figures that asv follows over commits: see benchmarks/README.md."""
