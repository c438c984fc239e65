"""The one frozen settings object, and the only reader of config/ and of the environment.

Order, later wins: defaults below, `newsmill.toml`, `NEWSMILL_<GROUP>__<KEY>` variables, `NEWSMILL_…_FILE` variables
(a file that holds the value: a Docker or Kubernetes secret). `config/newsmill.toml` shows every key with
its unit and reason; a test keeps its defaults equal to these.
"""

import difflib
import hashlib
import os
import tomllib
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from newsmill.redaction import Secret, given_at, mark_of, redacted, secrets_in

PREFIX = "NEWSMILL_"
UMASK = 0o077  # of every process: pages and state are for the user who runs the mill
CONFIG_DIR_VARIABLE = "NEWSMILL_CONFIG_DIR"  # folder of newsmill.toml and sources.toml; default ./config
NOT_SETTINGS = (CONFIG_DIR_VARIABLE, "NEWSMILL_PARENT")  # the second is set for workers by their supervisor


class BadSettings(Exception):
    """The configuration is wrong; the text has one line for each problem."""


class Group(BaseModel):
    """A table of newsmill.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        for name, value in super().__repr_args__():
            mark = mark_of(type(self).model_fields.get(name or ""))
            yield name, mark.shown(value) if mark else value


def _split(value: object) -> object:
    return [part for part in (p.strip() for p in value.split(",")) if part] if isinstance(value, str) else value


def _network(value: object) -> object:
    return ip_network(value, strict=False) if isinstance(value, str) else value


Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
Networks = Annotated[tuple[Network, ...], BeforeValidator(_split)]
Seconds = Annotated[float, Field(ge=0, le=10 * 365 * 86400)]
SecretText = Annotated[str, Secret()]
SecretAddress = Annotated[str, Secret(address=True)]
Names = Annotated[tuple[str, ...], BeforeValidator(_split)]
SecondsList = Annotated[tuple[Seconds, ...], BeforeValidator(_split)]


class FrontierSettings(Group):
    window: int = Field(1000, ge=1)
    max_waiting: int = Field(20_000_000, ge=1)
    per_day: int = Field(100_000, ge=1)
    hint_s: Seconds = 30.0
    max_crashes: int = Field(3, ge=1, le=100)
    retention_days: float = Field(30.0, gt=0)
    min_free_mb: int = Field(64, ge=0)
    per_ip: int = Field(4, ge=1)


class FetchSettings(Group):
    delay_s: Seconds = 1.0
    delay_factor: float = Field(5.0, ge=0, le=100)
    robots_token: str = "Newsmill"
    user_agent: str = "Newsmill/0.1 (+https://newsmill.example/contact)"
    allow_networks: Networks = ()
    connect_s: Seconds = 10.0
    read_s: Seconds = 20.0
    total_s: float = Field(60.0, gt=0, le=70)
    max_body_mb: float = Field(16.0, gt=0, le=200)
    batches: int = Field(20, ge=1, le=200)
    max_redirects: int = Field(8, ge=0, le=20)
    retry_delays_s: SecondsList = (30.0, 300.0, 1800.0, 7200.0)
    retry_cap_s: Seconds = 86400.0
    dead_host_fails: int = Field(20, ge=1)
    recrawl: bool = True
    recrawl_first_s: float = Field(7200.0, ge=1, le=365 * 86400)
    recrawl_days: float = Field(30.0, ge=0, le=3650)

    @field_validator("user_agent")
    @classmethod
    def _one_line(cls, value: str) -> str:
        if not value.strip() or not value.isprintable() or not value.isascii():
            raise ValueError("must be one line of printable ASCII, naming the crawler and a contact address")
        return value.strip()


class RenderSettings(Group):
    enabled: bool = True
    pages: int = Field(2, ge=1, le=32)
    chromium: str = ""
    sandbox: bool = True


class ProduceSettings(Group):
    polls: int = Field(4, ge=1, le=200)
    max_body_mb: float = Field(64.0, gt=0, le=500)
    window: int = Field(100, ge=1)
    address_filters: Names = ("traps",)


class ParseSettings(Group):
    processes: int = Field(0, ge=0, le=256)
    extractor: str = "newsmill"
    document_filters: Names = ()


class IndexSettings(Group):
    writers: int = Field(2, ge=1, le=64)


class SearchSettings(Group):
    url: SecretAddress = ""
    username: str = ""
    password: SecretText = ""
    alias: str = "newsmill"
    prefer: Names = ()
    half_life_days: float = Field(90.0, ge=0, le=36500)
    ca_file: str = ""
    verify: bool = True
    days: float = Field(0.0, ge=0, le=36500)
    rollover_days: float = Field(0.0, ge=0, le=36500)


class StoresSettings(Group):
    raw_url: SecretAddress = ""
    documents_url: SecretAddress = ""
    s3_endpoint: SecretAddress = ""
    s3_region: str = ""
    s3_access_key_id: str = ""
    s3_secret_access_key: SecretText = ""
    raw_days: float = Field(0.0, ge=0)
    documents_days: float = Field(3.0, ge=0)

    @field_validator("s3_endpoint")
    @classmethod
    def _endpoint(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _key_and_secret(self) -> "StoresSettings":
        if bool(self.s3_access_key_id) != bool(self.s3_secret_access_key):
            raise ValueError("s3_access_key_id and s3_secret_access_key go together: set both or neither")
        return self


class EventsSettings(Group):
    most: int = Field(200_000, ge=1000, le=100_000_000)
    days: float = Field(7.0, gt=0, le=365)


class BrokerSettings(Group):
    url: SecretAddress = ""
    port: int = Field(0, ge=0, le=65535)


class RunSettings(Group):
    retry_cap_s: Seconds = 15.0
    dead_host_fails: int = Field(4, ge=1)


class DemoSettings(Group):
    port: int = Field(8710, ge=1, le=65535)
    delay_s: Seconds = 0.1


class WebSettings(Group):
    enabled: bool = True
    host: str = "127.0.0.1"
    port: int = Field(8717, ge=0, le=65535)
    user: str = "operator"
    password: SecretText = ""
    origin: str = ""
    once: SecretText = ""
    searches_per_minute: int = Field(60, ge=1, le=100_000)

    @field_validator("origin")
    @classmethod
    def _origin(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/")


class LogSettings(Group):
    level: str = "info"
    format: str = "auto"

    @field_validator("level")
    @classmethod
    def _level(cls, value: str) -> str:
        if value.lower() not in ("debug", "info", "warning", "error"):
            raise ValueError("must be debug, info, warning or error")
        return value.lower()

    @field_validator("format")
    @classmethod
    def _format(cls, value: str) -> str:
        if value not in ("auto", "json", "text"):
            raise ValueError("must be auto (text on a terminal, else JSON), json or text")
        return value


REDIS_PREFIX = "nm:"


class Settings(Group):
    """Everything an operator can turn. See config/newsmill.toml for units and reasons."""

    data: Path = Path("data")
    redis_url: SecretAddress = ""
    health_file: str = ""
    redis_prefix: str = Field(REDIS_PREFIX, pattern=r"^[A-Za-z0-9_-]{1,40}:$")
    broker: BrokerSettings = BrokerSettings()
    frontier: FrontierSettings = FrontierSettings()
    produce: ProduceSettings = ProduceSettings()
    fetch: FetchSettings = FetchSettings()
    render: RenderSettings = RenderSettings()
    parse: ParseSettings = ParseSettings()
    index: IndexSettings = IndexSettings()
    search: SearchSettings = SearchSettings()
    stores: StoresSettings = StoresSettings()
    events: EventsSettings = EventsSettings()
    run: RunSettings = RunSettings()
    demo: DemoSettings = DemoSettings()
    web: WebSettings = WebSettings()
    log: LogSettings = LogSettings()

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, value: str) -> str:
        if value.startswith("sentinel://"):  # the ledger's client knows no sentinels: a worker would only die of it
            raise ValueError("Sentinel is not supported: name the primary, or a proxy that follows it, by redis://")
        if value and not value.startswith(("redis://", "rediss://")):
            raise ValueError("must start with redis:// or rediss://")
        return value

    @property
    def queue_prefix(self) -> str:
        """Of Celery's own keys: beside the ledger's, and none of them. Without a prefix of one's own they have none.

        So a worker takes the hints of one of the version before, which knew no prefix, and the other way round.
        """
        return "" if self.redis_prefix == REDIS_PREFIX else f"{self.redis_prefix.removesuffix(':')}.mq:"

    @property
    def raw_url(self) -> str:
        """Where raw pages go: a folder, or an object store's address."""
        return self.stores.raw_url or str(self.data / "raw")

    @property
    def documents_url(self) -> str:
        """Where documents travel from parse to index: a folder, or an object store's address."""
        return self.stores.documents_url or str(self.data / "documents")


def _tables() -> dict[str, type[BaseModel]]:
    fields = Settings.model_fields
    return {
        name: f.annotation
        for name, f in fields.items()
        if isinstance(f.annotation, type) and issubclass(f.annotation, Group)
    }


def _nearest(word: str, valid: list[str]) -> str:
    close = difflib.get_close_matches(word, valid, n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else f"; valid are {', '.join(sorted(valid))}"


def _unknown_keys(values: Mapping[str, Any], where: str) -> list[str]:
    problems = []
    for key, value in values.items():
        if key not in Settings.model_fields:
            problems.append(f"{where}: unknown key {key}{_nearest(key, list(Settings.model_fields))}")
        elif (table := _tables().get(key)) and isinstance(value, dict):
            valid = list(table.model_fields)
            problems += [f"{where}: unknown key {key}.{k}{_nearest(k, valid)}" for k in value if k not in valid]
    return problems


def _variable(name: str, value: str, into: dict[str, Any]) -> str | None:
    """Puts one NEWSMILL_* variable at its place in `into`; returns a problem, or None."""
    valid: dict[str, tuple[str, ...]] = {PREFIX + k.upper(): (k,) for k in Settings.model_fields if k not in _tables()}
    for group, table in _tables().items():
        valid.update({f"{PREFIX}{group.upper()}__{k.upper()}": (group, k) for k in table.model_fields})
    path = valid.get(name)
    if path is None and name.endswith("_FILE") and (path := valid.get(name.removesuffix("_FILE"))):
        try:
            value = Path(value).read_text("utf-8").strip()
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
            # Whoever puts the secret itself there does not want to see it again.
            return f"{name}: cannot read {value if value.startswith('/') else 'the file that it names'}: {why}"
    if path is None:
        return f"{name}: unknown variable{_nearest(name, list(valid))}"
    target = into
    for part in path[:-1]:
        target = target.setdefault(part, {})
    target[path[-1]] = value
    return None


def _merge(base: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        merged[key] = _merge(old, value) if isinstance(old, dict) and isinstance(value, Mapping) else value
    return merged


def config_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder an operator edits."""
    return Path(environ.get(CONFIG_DIR_VARIABLE, "config"))


def file_stamp(folder: Path) -> str:
    """Changes when newsmill.toml does; empty where there is none."""
    try:
        return hashlib.blake2b((folder / "newsmill.toml").read_bytes(), digest_size=8).hexdigest()
    except OSError:
        return ""


def read_settings(environ: Mapping[str, str], folder: Path) -> Settings:
    """Settings from `folder`/newsmill.toml, which may be missing, and `environ`. Raises BadSettings."""
    problems: list[str] = []
    values: dict[str, Any] = {}
    file = folder / "newsmill.toml"
    try:
        values = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        pass
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(f"{file}: {error}")
    problems += _unknown_keys(values, str(file))
    variables: dict[str, Any] = {}
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in NOT_SETTINGS and not name.startswith(PREFIX + "TEST_"):
            problem = _variable(name, environ[name], variables)
            problems += [problem] if problem else []
    settings = None
    try:
        settings = Settings.model_validate(_merge(values, variables))
    except ValidationError as error:
        for e in error.errors():
            if e["type"] != "extra_forbidden":
                where, said = ".".join(str(p) for p in e["loc"]), e["msg"].removeprefix("Value error, ")
                problems.append(f"{where}{given_at(Settings, e['loc'], e['input'])}: {said}")
    if problems or settings is None:
        raise BadSettings("\n".join(problems))
    return settings


_chosen: list[Settings] = []  # by `use`: at most one
_hidden: set[str] = set()  # the secrets of all that were ever in use


def use(chosen: Settings) -> None:
    """Makes these the settings of this process: the command, when it has started a broker or was given --data."""
    _chosen[:] = [chosen]
    _hidden.update(secrets_in(chosen))


def safe(text: str) -> str:
    """`text` without any secret of this process's settings: for whatever leaves it."""
    return redacted(text, _hidden)


def settings() -> Settings:
    """The settings of this process. Raises BadSettings."""
    if not _chosen:
        use(read_settings(os.environ, config_dir()))
    return _chosen[0]
