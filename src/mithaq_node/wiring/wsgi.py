"""The web application of the node that `MITHAQ_DATA` names."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mithaq_node.settings.django")
application = get_wsgi_application()
