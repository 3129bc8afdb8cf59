"""Pipelines: the graph of stages, what is out of date, and the loop that brings it up to date."""
