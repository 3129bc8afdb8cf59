"""What was seen before: the base of a comparison, and verdicts by the digest of what they judged."""
