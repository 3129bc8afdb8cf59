"""The steps of `check`, one file each: what is taken from the ground and the workshop, and the step that comes out."""
