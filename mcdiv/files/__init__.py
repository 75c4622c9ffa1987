"""What is read from disk: scenarios, data, texts."""
