"""Messages of the Dataspace Protocol between participants: sending them for sure, receiving them once."""
