"""`python -m mithaq_cli`: the program `mithaq` where its script is not on the path."""

from mithaq_cli.main import app

app()
