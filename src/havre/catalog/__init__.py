"""The catalogue: what a participant offers, to whom, on which terms; and reading the catalogues of others."""
