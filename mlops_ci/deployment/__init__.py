"""Environments: who may change one, what it runs and ran, and what was under way when a command ended."""
