"""The passes that the layers run."""
