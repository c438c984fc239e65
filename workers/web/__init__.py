"""The console and the API: `newsmill web`. It shows what the desk has, and changes what an operator may change."""
