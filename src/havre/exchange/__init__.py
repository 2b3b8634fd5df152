"""The data plane: rows under a token, each access decided, metered and logged."""
