"""Firmware images: load images, debug information, disassembly, call graph and fingerprints."""
