"""Settings of the ballot box: environment variables with the prefix VECHE_BOX_."""

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.log.witnesses import Witness, parse_witness
from shared.manifest import Origin, Url


class Settings(BaseSettings):
    """What an installation chooses. URLs carry no trailing slash."""

    model_config = SettingsConfigDict(
        env_prefix="VECHE_BOX_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    url: Url
    database: str
    """SQLAlchemy URL, `sqlite:///path` or `postgresql+psycopg://role@host/database`."""
    database_owner: str | None = None
    """The same database as the role that owns its tables, for `init` alone; the services need not know it."""
    state: Path
    """Directory of keys and marks, outside the database; made with mode 0700."""
    client: Origin
    trust: Path
    """The pinned trust root: its issuers may publish."""
    lease: Annotated[float, Field(ge=0)] = 5.0
    """Seconds without a sign of life after which another worker takes over."""
    witnesses: tuple[Annotated[Witness, BeforeValidator(parse_witness)], ...] = ()
    """Asked to cosign every checkpoint: a JSON list of `<verifier key> <URL>`."""
    quorum: Annotated[int, Field(ge=0)] = 0
    """How many of them a checkpoint waits for."""
    patience: Annotated[float, Field(ge=0)] = 60.0
    """Seconds that it waits for them; then it goes out without, and an alarm."""
    reserve: Annotated[int, Field(ge=0)] = 256 << 20
    """Bytes of disk that are kept free for what was acknowledged: below it nothing is taken."""


def read_settings() -> Settings:
    """The settings of the environment. Raises ValidationError, which names what is wrong."""
    return Settings.model_validate({})
