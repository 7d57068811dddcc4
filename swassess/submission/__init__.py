"""What the manufacturer hands in: manifest, intake of a folder or archive, documents of Annex 4."""
