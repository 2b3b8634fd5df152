"""Two nodes joined in memory: what one posts, the other's application gets, without a socket."""
