"""mlops-ci.yaml, read into frozen values."""
