"""The public pages of port mobility: the port, each bridge, a card to embed, and the same as JSON."""
