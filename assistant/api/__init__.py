"""HTTP: schemas, routes, the application as a function of its parts."""
