"""The page's files, as browsers get them: no build, no framework, nothing from another host."""
