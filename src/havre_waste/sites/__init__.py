"""Sites, containers, trucks, depots and plants: what a city has to collect waste with."""
