"""Port mobility: ships, bridges, trucks and trams in one picture, as a service that reads and offers datasets."""
