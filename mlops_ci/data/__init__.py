"""Datasets and the suites that judge them."""
