"""Intervals, comparisons, corrections: numbers in, numbers out."""
