"""Settings of the issuer: environment variables with the prefix VECHE_ISSUER_."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shared.log.witnesses import Witness, parse_witness
from shared.manifest import Line, Origin, Url


def _marks(value: object) -> object:
    return frozenset(filter(None, value.split(";"))) if isinstance(value, str) else value


def _paths(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


class Settings(BaseSettings):
    """What an installation chooses. Paths are the operator's; URLs carry no trailing slash."""

    model_config = SettingsConfigDict(
        env_prefix="VECHE_ISSUER_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    url: Url
    name: Line
    database: str
    """SQLAlchemy URL, `sqlite:///path` or `postgresql+psycopg://role@host/database`."""
    database_owner: str | None = None
    """The same database as the role that owns its tables, for `init` alone; the services need not know it."""
    state: Path
    """Directory of the keys, outside the database; made with mode 0700."""
    kek_file: Path | None = None
    """File of the key-encryption keys (issuer.custody), on another medium than `state` and its backup."""
    kek: SecretStr | None = None
    """The same keys in the environment, instead of the file."""
    key_backup: Path | None = None
    """Directory on another medium where the worker keeps a copy of `state` (issuer.key_backup)."""
    hsm_module: Path | None = None
    """PKCS #11 library of a hardware security module that holds the token keys (issuer.hsm)."""
    hsm_token: Annotated[str, Field(min_length=1, max_length=32)] | None = None
    """Label of its token."""
    hsm_pin: SecretStr | None = None
    """The user's PIN."""
    client: Origin
    box: Url
    trust: Path
    esia_url: Url
    esia_client_id: Annotated[str, Field(min_length=1, max_length=100)]
    esia_key: Path
    esia_certificate: Path
    esia_verification: Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_paths), Field(min_length=1)]
    esia_verified_marks: Annotated[frozenset[str], NoDecode, BeforeValidator(_marks)] = frozenset()
    """Values of ESIA's `vrfDdt` that count as a verified address, between semicolons; which they are is not
    published. Without any, nobody is eligible in a poll with verified residency."""
    residency: Path
    witnesses: tuple[Annotated[Witness, BeforeValidator(parse_witness)], ...] = ()
    """Asked to cosign every checkpoint of an issuance log: a JSON list of `<verifier key> <URL>`."""
    quorum: Annotated[int, Field(ge=0)] = 0
    """How many of them a checkpoint waits for."""
    patience: Annotated[float, Field(ge=0)] = 60.0
    """Seconds that it waits for them; then it goes out without, and an alarm."""
    publish_every: Annotated[int, Field(ge=1)] = 86_400
    """Seconds between two batches of an issuance log."""
    token_bits: Annotated[Literal[2048, 3072, 4096], BeforeValidator(int)] = 3072
    grant_ttl: Annotated[int, Field(ge=1, le=86_400)] = 900
    """Seconds that an access token and its grant live."""
    batch_floor: Annotated[int, Field(ge=1, le=1_000_000)] = 20
    """Ballots that polls made in the office mix into one batch."""
    batch_longest_wait: Annotated[int, Field(ge=1, le=604_800)] = 3600
    """Seconds that the first ballot waits for others; below the floor all wait on, until the close."""
    include_by_seconds: Annotated[int, Field(ge=1, le=31_536_000)] = 86_400
    """Seconds after the close by which every ballot of such a poll is in the log."""
    officials_kept_days: Annotated[int, Field(ge=0, le=3650)] = 90
    """Days after the end of their period that officials and applications are kept."""


def read_settings() -> Settings:
    """The settings of the environment. Raises ValidationError, which names what is wrong."""
    return Settings.model_validate({})
