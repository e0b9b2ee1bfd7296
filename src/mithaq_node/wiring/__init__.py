"""The only folder that knows everybody: addresses, the web application, system checks."""
