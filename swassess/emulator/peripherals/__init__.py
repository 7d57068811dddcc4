"""One behaviour a file: compiled functions over the state arena, by the manufacturer's reference manual."""
