"""What the public page shows, as values: the model, what of it still stands at a given time, and how to say it."""
