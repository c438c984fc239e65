"""A demo news site of the project's own writing, served over real HTTP."""
