"""Parse: turns a raw page into text and metadata."""
