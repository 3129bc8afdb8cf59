"""A forge on loopback that answers as GitHub does and takes no request that GitHub's own description does not allow."""
