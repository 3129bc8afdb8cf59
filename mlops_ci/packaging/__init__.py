"""The pipeline package: what is in it, how it is named, where it is kept, and how its chain is verified."""
