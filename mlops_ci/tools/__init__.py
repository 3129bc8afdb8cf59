"""The outside world, one file a tool. Nothing above this floor starts a process or opens a socket itself."""
