"""Forms, letters and receipts of people who do not exist, laid out, printed and filled in."""
