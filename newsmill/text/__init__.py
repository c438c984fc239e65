"""Text as the web sends it: its encoding, its compression, the dates in it. Pure, and used by every stage."""
