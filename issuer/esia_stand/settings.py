"""Settings of the stand: environment variables with the prefix VECHE_STAND_."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from issuer.esia_stand.residents import MAX_CROWD

Algorithm = Literal["RS256", "GOST3410_2012_256"]


class StandSettings(BaseSettings):
    """`state` is the directory that `issuer.esia_stand.register` prepares; `url` has no trailing slash."""

    model_config = SettingsConfigDict(env_prefix="VECHE_STAND_", frozen=True, extra="ignore")

    state: Path
    url: str
    algorithm: Algorithm = "RS256"
    timestamp_window: Annotated[int, Field(ge=1)] = 300
    """Seconds: how far a request's timestamp may be off, either way. ESIA does not publish its own figure."""
    crowd: Annotated[int, Field(ge=0, le=MAX_CROWD)] = 0
    """How many more residents of Barnaul there are, `crowd-0` and on, for a load: no page lists them."""


def read_settings() -> StandSettings:
    """The settings of the environment. Raises ValidationError."""
    return StandSettings.model_validate({})
