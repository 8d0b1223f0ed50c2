"""Does it work, by how much, and with what doubt."""
