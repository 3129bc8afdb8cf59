"""Components: folders with code, its tests and its dependencies, that stages run."""
