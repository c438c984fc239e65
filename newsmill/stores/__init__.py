"""Stores: the code that touches disks and servers. Raw pages, documents, search."""
