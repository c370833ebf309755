import os
import threading

from django.core.wsgi import get_wsgi_application

from kechuang.site.processes import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kechuang.site.settings")
# A web worker whose parent was killed would hold the port for good.
threading.Thread(target=end_with_parent, daemon=True).start()
application = get_wsgi_application()
