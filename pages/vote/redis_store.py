"""Polls and votes in a Redis, so that phones may be on other servers than the lecturer.

A poll is a hash, and so are the votes of each of its rounds; everything expires on its own. What
must be atomic is one script, which Redis runs as a whole. Changes are published, but a message may
be lost: the state is always in the hash. With `appendfsync always` an acknowledged vote is on disk.
"""

import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import asdict, fields
from typing import Any, Final, TypeVar, cast

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import RedisError

from pages.vote.poll import OVER, Ballot, Marks, Phase, Poll, Truth
from pages.vote.store import MOST_POLLS, MOST_VOTERS, Added, StoreError, Taken

Answer = TypeVar("Answer")

PREFIX: Final = "backprop:vote:"
PATIENCE: Final = 5.0  # seconds within which Redis must answer
CONNECTIONS: Final = 16

_OF_TYPE: Final[Mapping[Any, Callable[[str], Any]]] = {
    str: str,
    Phase: str,
    int: int,
    float: float,
    Ballot: lambda text: Ballot.from_json(json.loads(text)),
    Truth: lambda text: Truth.from_json(json.loads(text)),
}
"""How a value is read from its text; a field of a poll that has another type needs a row."""
_READERS: Final = {field.name: _OF_TYPE[field.type] for field in fields(Poll)}
"""How each field of a poll is read from its hash."""

# KEYS: all polls by their end, the poll. ARGV: now, most, code, until, the prefix of all keys, the
# phases of polls that are over, the poll's fields. If full, one that is over goes with its votes.
_ADD: Final = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
if redis.call('EXISTS', KEYS[2]) == 1 then return 'taken' end
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then
  local room = false
  for _, code in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    local key = ARGV[5] .. code
    local has = redis.call('HMGET', key, 'phase', 'round')
    if has[1] and string.find(ARGV[6], has[1], 1, true) then
      for round = 1, tonumber(has[2]) do redis.call('DEL', key .. ':' .. round) end
      redis.call('DEL', key)
      redis.call('ZREM', KEYS[1], code)
      room = true
      break
    end
  end
  if not room then return 'full' end
end
redis.call('ZADD', KEYS[1], ARGV[4], ARGV[3])
redis.call('HSET', KEYS[2], unpack(ARGV, 7))
redis.call('EXPIREAT', KEYS[2], math.ceil(ARGV[4]))
return 'added'
"""

# KEYS: the poll. ARGV: the phase and the round that it must have, a channel, its new fields.
_REPLACE: Final = """
local has = redis.call('HMGET', KEYS[1], 'phase', 'round')
if has[1] ~= ARGV[1] or has[2] ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 4))
redis.call('PUBLISH', ARGV[3], '')
return 1
"""

# KEYS: the poll, the votes of the round. ARGV: the round, the voter, the marks, most.
_VOTE: Final = """
local has = redis.call('HMGET', KEYS[1], 'phase', 'round', 'until')
if not has[1] then return 'gone' end
if has[2] ~= ARGV[1] then return 'other round' end
if has[1] ~= 'open' then return 'closed' end
if redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[4])
  and redis.call('HEXISTS', KEYS[2], ARGV[2]) == 0 then return 'full' end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
redis.call('EXPIREAT', KEYS[2], math.ceil(has[3]))
return 'counted'
"""


class RedisStore:
    """A `PollStore` in the Redis at an address: redis://host:6379/0."""

    def __init__(self, url: str) -> None:
        """Connects when it is first used. ValueError if the address is not one of a Redis."""
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=PATIENCE,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            decode_responses=True,
            # A Redis that was just restarted has closed all connections.
            retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), 3),
        )
        self._redis: Any = Redis.from_pool(pool)  # closing it closes the pool
        # Listeners wait for longer than an answer may take, each on its own connection.
        self._listening: Any = Redis.from_url(
            url, socket_timeout=None, socket_connect_timeout=PATIENCE
        )
        self._add = self._redis.register_script(_ADD)
        self._replace = self._redis.register_script(_REPLACE)
        self._vote = self._redis.register_script(_VOTE)

    async def add(self, code: str, poll: Poll) -> Added:
        """See `PollStore.add`."""
        keys = [_key("polls"), _key(code)]
        place: list[str | float] = [time.time(), MOST_POLLS, code, poll.until]
        arguments = [*place, PREFIX, " ".join(OVER), *_flat(poll)]
        return cast("Added", await _answered(self._add(keys, arguments)))

    async def find(self, code: str) -> Poll | None:
        """See `PollStore.find`."""
        said: Mapping[str, str] = await _answered(self._redis.hgetall(_key(code)))
        poll = _poll(said) if said else None
        return poll if poll and time.time() < poll.until else None

    async def replace(self, code: str, before: Poll, after: Poll) -> bool:
        """See `PollStore.replace`."""
        arguments: list[str | float] = [
            before.phase,
            before.round,
            _key(code, "changes"),
            *_flat(after),
        ]
        return bool(await _answered(self._replace([_key(code)], arguments)))

    async def vote(self, code: str, round_: int, voter: str, marks: Marks) -> Taken:
        """See `PollStore.vote`."""
        keys = [_key(code), _key(code, round_)]
        arguments: list[str | float] = [round_, voter, marks, MOST_VOTERS]
        return cast("Taken", await _answered(self._vote(keys, arguments)))

    async def count(self, code: str, round_: int) -> int:
        """See `PollStore.count`."""
        return int(await _answered(self._redis.hlen(_key(code, round_))))

    async def votes(self, code: str, round_: int) -> Mapping[str, Marks]:
        """See `PollStore.votes`."""
        found: Mapping[str, Marks] = await _answered(self._redis.hgetall(_key(code, round_)))
        return found

    async def changes(self, code: str) -> AsyncGenerator[None, None]:
        """See `PollStore.changes`."""
        listener = self._listening.pubsub(ignore_subscribe_messages=True)
        try:
            await _answered(listener.subscribe(_key(code, "changes")))
            yield
            while True:
                if await _answered(listener.get_message(timeout=None)) is not None:
                    yield
        finally:
            await listener.aclose()

    async def close(self) -> None:
        """See `PollStore.close`."""
        await self._redis.aclose()
        await self._listening.aclose()


async def _answered(asked: Awaitable[Answer]) -> Answer:
    """Return Redis's answer. StoreError if it gives none."""
    try:
        return await asked
    except (TimeoutError, RedisError, OSError) as error:
        raise StoreError(str(error)) from error


def _key(*parts: str | int) -> str:
    """Return the key of a poll by its code; of its votes in a round; of its channel "changes"."""
    return PREFIX + ":".join(map(str, parts))


def _flat(poll: Poll) -> list[str]:
    """Return the fields of the poll's hash, each followed by its value: a text, or JSON."""
    texts = {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in asdict(poll).items()
    }
    return [part for field in texts.items() for part in field]


def _poll(said: Mapping[str, str]) -> Poll:
    """Return the poll from its hash. StoreError if another version of the program wrote it."""
    try:
        return Poll(**{name: read(said[name]) for name, read in _READERS.items()})
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(f"no poll of this version: {error}") from error
