"""The Celery application: `celery -A workers.app worker -Q parse` is all that a worker needs."""

import os
import sys

from newsmill.settings import UMASK, BadSettings
from workers.runtime.celery_app import celery_app
from workers.runtime.worker import end_with_parent

end_with_parent()
os.umask(UMASK)
try:
    app = celery_app()
except BadSettings as problem:
    sys.exit(f"newsmill: the configuration is wrong\n{problem}")
