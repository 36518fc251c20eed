"""What texts are likely: alphabets, words, and searches that weigh them."""
