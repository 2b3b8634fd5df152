"""The service at work: rows come in, levels and rounds are made of them, pages are shown and datasets go out."""
