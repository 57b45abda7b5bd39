"""The whole table: `make bench`. Longer the first time, for ballots are made once (var/bench)."""

from bench import (
    audit,
    browser,
    casting,
    growth,
    issuance,
    large,
    lists,
    peers,
    postgresql,
    record_zip,
    residency,
    sign_in,
    signing,
    sizes,
    start,
    wrk,
)
from bench.rows import QUICK, report

report(
    [
        *signing.rows(),
        *sign_in.rows(),
        *issuance.rows(),
        *casting.rows(),
        *wrk.rows(),
        *peers.rows(),
        *growth.rows(),
        *large.rows(),
        *lists.rows(),
        *postgresql.rows(),
        *residency.rows(),
        *record_zip.rows(),
        *start.rows(),
        *sizes.rows(),
        *browser.rows(5_000 if QUICK else 10_000),
        *audit.rows(5_000 if QUICK else 100_000),
    ]
)
