"""Components: found, tested, built."""
