"""Picks the better candidate on the validation months and says how it does on the test months."""
