"""Child processes that may be killed: how they are started, asked, watched and ended."""
