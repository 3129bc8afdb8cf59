"""The Python environment in which the pipeline's own code runs: found, made, and never the tool's own."""
