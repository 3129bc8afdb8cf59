"""Preflight: what would fail later is said before anything runs, and before DVC sees anything.

One file a noun: what lies there (`worktree`, `source`, `declared`), and one check each for definitions, variables,
outputs, dependencies, cycles, locks, line ends, .dvc files, remotes, commands and settings.
"""
