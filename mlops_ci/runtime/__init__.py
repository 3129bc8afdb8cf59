"""The runtime: the Python environment in which the pipeline's own code runs, never the tool's."""
