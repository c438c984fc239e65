"""What an operator looks at and does, as values: the commands print it, the console shows it."""
