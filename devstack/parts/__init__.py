"""One module a part; dropping a module in adds a part."""
