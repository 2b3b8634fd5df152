"""Contract negotiations and agreements (Dataspace Protocol 2025-1, sections 7 and 8)."""
