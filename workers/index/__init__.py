"""Index: pushes documents into the search store."""
