"""Training and evaluation of the block classifier. Not imported at run time."""
