"""`python -m mlops_ci` is `mlops-ci`."""

from mlops_ci.cli.main import main

main()
