"""What gunicorn serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shopmsg.settings.prod")
portal = get_wsgi_application()
from messaging.entrance import with_hooks  # noqa: E402 - models are there from here on

application = with_hooks(portal)
# What is loaded by now stays for good: the collector need not walk it again, and forked workers go on sharing it.
gc.collect()
gc.freeze()
