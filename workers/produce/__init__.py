"""Produce: polls sources that are due and adds the addresses they show to the frontier."""
