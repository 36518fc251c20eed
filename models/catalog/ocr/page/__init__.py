"""Reading whole pages: finding lines, recognising them, words and their order."""
