"""Plain data everybody shares: no logic, no input or output."""
