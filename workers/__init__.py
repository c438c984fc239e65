"""Newsmill: keeps a search index of news sites up to date. Start reading at workers/pipeline.py."""
