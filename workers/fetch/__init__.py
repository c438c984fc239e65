"""Fetch: downloads due addresses politely and keeps the raw page."""
