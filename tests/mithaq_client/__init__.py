"""The client of the REST API, over a real socket."""
