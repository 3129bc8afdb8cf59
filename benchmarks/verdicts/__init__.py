"""How often are verdicts wrong? Simulated pull requests whose true loss is known, and the flights month by month."""

import os

for _library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_library, "1")  # before numpy is loaded: cells are spread over processes instead
