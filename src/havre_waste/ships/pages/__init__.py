"""The pages and the API where a ship notifies its waste, in French and English."""
