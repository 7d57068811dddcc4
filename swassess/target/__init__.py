"""Targets: one protocol, two implementations (the engine, and pyOCD with a real or the emulated probe)."""
