"""The REST API as values: what travels, which operations there are, and its description as OpenAPI 3.1.

The node answers by this table and the client asks by it, so that neither, nor the description, can say something else
than the other.
"""
