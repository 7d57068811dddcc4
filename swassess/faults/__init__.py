"""Fault models, campaigns over golden runs, and the store that keeps their outcomes."""
