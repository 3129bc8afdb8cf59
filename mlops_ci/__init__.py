"""Continuous integration, delivery and training for machine-learning pipelines."""

__version__ = "0.1.0"
