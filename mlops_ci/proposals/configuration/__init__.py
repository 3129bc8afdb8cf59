"""mlops-ci.yaml, proposed from what dvc.yaml declares. Nothing is guessed that could make a check fail."""
