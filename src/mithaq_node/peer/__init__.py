"""The counterpart's door: one small WSGI application on a port of its own. It decides nothing."""
