"""moto and botocore without what takes the time when an account is opened, and what no test ever looks at.

Some thousand tests open an account each. Half of that went into reading the models of services anew, a quarter into routes for
another HTTP library than botocore's, a quarter into an RSA key that every symmetric key is given and none uses.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch

import botocore.loaders
from moto.core import models
from moto.kms import models as kms
from moto.kms.utils import AbstractPrivateKey, generate_private_key

_service_models = botocore.loaders.create_loader()


@contextmanager
def opened_quickly() -> Iterator[None]:
    """While this lasts, accounts open in a fraction of the time."""
    with ExitStack() as patches:
        patches.enter_context(patch("botocore.session.create_loader", lambda *_: _service_models))
        patches.enter_context(patch.object(models, "RESPONSES_METHODS", []))
        patches.enter_context(patch.object(kms, "generate_private_key", _private_key))
        yield


def _private_key(spec: str) -> AbstractPrivateKey:
    return _unused_key() if spec == "SYMMETRIC_DEFAULT" else generate_private_key(spec)


@cache
def _unused_key() -> Any:
    return generate_private_key("SYMMETRIC_DEFAULT")
