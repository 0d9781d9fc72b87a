"""Trying again: which failures may pass, how long to wait for that, and when to stop."""

import math
import random
import ssl
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from pytest_codesteer.models.providers import ModelError, Patience

_BUSY = (429, 503, 529)  # the server wants to be asked less
_AWAY = (429, 502, 503, 504, 529)  # it answers nobody, should this last


class Malformed(ModelError):
    """What came with status 200 is no reply."""


class Slow(ModelError):
    """The reply was not whole in time."""


@dataclass(slots=True)
class Trouble:
    """What one request has met with so far."""

    patience: Patience
    random: random.Random  # spreads requests that failed at the same time
    failures: int = 0
    malformed: int = 0
    row: int = 0  # failures since the model answered a request last, if it was told to come back later
    first: float = 0.0  # when it failed first, of `time.monotonic`
    last: float = 0.0  # and when last

    def wait(self, error: Exception, answered: float) -> float | None:
        """Return after how many seconds to try again; None when that cannot help, or patience is at its end.

        *answered* is when the model last answered any request: as long as it does, one that is only told to
        come back later is not given up.
        """
        now = time.monotonic()
        self.first = self.first if self.failures else now
        self.row = 1 if is_busy(error) and answered > self.last else self.row + 1
        self.failures, self.last = self.failures + 1, now
        self.malformed += isinstance(error, Malformed)
        worn_out = self.failures >= self.patience.tries or self.malformed > self.patience.malformed
        if not may_pass(error) or worn_out:
            return None
        asked = asked_wait(error)
        backoff = min(self.patience.longest, self.patience.first * 2 ** min(self.row - 1, 30))
        wait = backoff * self.random.uniform(0.75, 1) if asked is None else asked
        since = max(self.first, answered) if is_busy(error) else self.first
        return wait if now + wait - since <= self.patience.seconds else None

    def is_lasting(self, error: Exception, answered: float) -> bool:
        """Whether the error that the request is given up for will meet every other one as well."""
        if isinstance(error, ModelError) or not may_pass(error):
            return False
        if (asked_wait(error) or 0) > self.patience.seconds:
            return True
        return answered < self.first and (status_of(error) or 503) in _AWAY and not _timed_out(error)


def may_pass(error: Exception) -> bool:
    """Whether the same request may be answered later."""
    import openai

    match error:
        case Malformed() | Slow():
            return True
        case openai.APIStatusError():
            said = error.response.headers.get("x-should-retry")
            if said in ("true", "false"):
                return bool(said == "true")
            status = error.status_code
            return status >= 500 or (status in (408, 409, 429) and error.code != "insufficient_quota")
    return isinstance(error, openai.APIConnectionError) and not is_insecure(error)


def is_insecure(error: Exception) -> bool:
    """Whether TLS failed, as with a certificate that nobody vouches for."""
    return isinstance(innermost(error), ssl.SSLError)


def innermost(error: BaseException) -> BaseException:
    """Return what an error goes back to."""
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return error


def is_busy(error: Exception) -> bool:
    """Whether the server wants fewer requests."""
    return status_of(error) in _BUSY


def status_of(error: Exception) -> int | None:
    """Return the HTTP status of an error, if it has one."""
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) else None


def asked_wait(error: Exception) -> float | None:
    """Return the seconds that the server asks to wait (Retry-After, in seconds or as a date)."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    for name, unit in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        given = headers.get(name)
        if given is None:
            continue
        try:
            seconds = float(given) * unit
        except ValueError:
            seconds = _until(given)
        if math.isfinite(seconds):
            return max(0.0, seconds)
    return None


def _until(given: str) -> float:
    try:
        return parsedate_to_datetime(given).timestamp() - time.time()
    except (ValueError, OverflowError, OSError):
        return math.nan


def _timed_out(error: Exception) -> bool:
    import openai

    return isinstance(error, openai.APITimeoutError)
