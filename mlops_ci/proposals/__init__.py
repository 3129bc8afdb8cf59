"""What `init` proposes to a repository, from what it saw there: the workflow file, and mlops-ci.yaml."""
