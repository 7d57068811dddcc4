"""Booting firmware that nobody here wrote: what is learned on the way, how far it comes, and who served what."""
