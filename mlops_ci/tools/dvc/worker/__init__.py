"""The process that holds DVC: one repository, one thread, requests and answers in JSON.

`python -m mlops_ci.tools.dvc.worker FD`; nothing outside this folder imports DVC.
"""
