"""The C-expression language of oracles, hazards and plants, compiled to a small stack machine."""
