"""Pure values that every room speaks in: findings, verdicts, steps, digests, names."""
