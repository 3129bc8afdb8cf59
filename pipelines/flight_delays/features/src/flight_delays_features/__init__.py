"""What is known about a flight at its scheduled departure, whether it came late, and the split by time."""
