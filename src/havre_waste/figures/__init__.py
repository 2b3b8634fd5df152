"""What the collection was, in figures: tonnages, ways, hours, fills, overflows, CO₂, costs, and the yearly report."""
