"""What GitHub Actions takes from a step: annotations, the step's summary, outputs; and the pull request's comment."""
