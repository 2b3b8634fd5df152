"""The descriptions of the datasets, by what they are for; ``havre_waste.sites.datasets`` has them all."""
