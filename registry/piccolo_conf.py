"""Where Piccolo looks for the engine (`DB`, set by `kit.database.bind`) and for the tables."""

from typing import Any

from piccolo.conf.apps import AppRegistry
from piccolo.engine import Engine

DB: Engine[Any] | None = None

APP_REGISTRY = AppRegistry(apps=["registry.piccolo_app"])
