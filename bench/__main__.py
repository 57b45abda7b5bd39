"""The whole table: `make bench`. Longer the first time, for ballots are made once (var/bench)."""

from bench import audit, browser, casting, growth, issuance, peers, postgresql, residency, signing, sizes
from bench.rows import QUICK, report

report(
    [
        *signing.rows(),
        *issuance.rows(),
        *casting.rows(),
        *peers.rows(),
        *growth.rows(),
        *postgresql.rows(),
        *residency.rows(),
        *sizes.rows(),
        *browser.rows(5_000 if QUICK else 10_000),
        *audit.rows(5_000 if QUICK else 100_000),
    ]
)
