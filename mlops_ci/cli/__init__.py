"""The command line: one file a noun; each reads options, calls one story or room, prints, and gives the exit code."""
