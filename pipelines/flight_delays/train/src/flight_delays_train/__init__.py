"""Two candidates for the late-flight model, and the file that a model is kept in."""
