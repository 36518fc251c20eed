"""One frozen, validated settings tree; the only reader of files, environment and flags."""
