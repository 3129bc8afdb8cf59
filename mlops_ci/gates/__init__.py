"""Thresholds and champions: numbers in, verdicts out."""
