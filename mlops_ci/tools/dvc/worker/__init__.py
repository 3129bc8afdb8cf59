"""The process that holds DVC: one repository, one thread, requests and answers in JSON.

`python -m mlops_ci.tools.dvc.worker FD`; nothing outside this folder imports DVC.
"""

import gc

# Thousands of stages are read and kept: searching them for rubbish at every 700 new objects is a seventh of the time.
gc.set_threshold(50_000, 20, 50)
