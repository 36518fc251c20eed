"""What the files of a new package are filled in from; `$name` stands for what differs."""
