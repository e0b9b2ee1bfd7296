"""“This word is wrong”: a form that every page leads to."""
