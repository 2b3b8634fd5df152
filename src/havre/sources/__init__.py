"""How rows come in: formats make columns of bytes, transports get the bytes, a source is one of each for a dataset."""
