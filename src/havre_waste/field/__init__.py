"""What people see of the collection, and what crews tell of it: the city's page, the driver's, the residents'."""
