"""A Docker engine: the SDK for running and asking, the program `docker` with BuildKit for building."""
