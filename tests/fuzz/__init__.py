"""Fuzzers of all that reads foreign input: `python -m tests.fuzz` (`make fuzz`), and a short form in the tests."""
