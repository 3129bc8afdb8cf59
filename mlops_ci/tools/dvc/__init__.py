"""DVC: its repositories are read and reproduced in a worker process; nothing else calls DVC's Python API."""
