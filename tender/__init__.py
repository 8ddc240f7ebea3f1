"""What is asked and what was answered: frameworks with their rounds and packs, and applications."""
