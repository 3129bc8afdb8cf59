"""What environments run on: one file each, and its line below."""
