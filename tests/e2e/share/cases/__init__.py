"""One module an area; `areas.load()` imports them in order."""
