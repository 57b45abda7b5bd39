"""Two residents, four issuers of which the last is corrupt, one box; what each may do at each moment.

The abstraction: a ballot key is a number, a token a pair (issuer, key), a ballot a key and an answer.
Cryptography is perfect: a token exists only when its issuer signed. A message may be lost or come twice, so
a step happens at the server at any time after the request was made. A crash loses what was not committed.
What is durable here is what the code commits before it answers (docs/protocol.md 5.3, 6.4, 7.3).

Resident 0 is honest: one key, repeats the same bytes. Resident 1 is in league with the corrupt issuer: two
keys, asks for anything, and casts whatever the tokens allow.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final, Literal

HONEST, CHEAT = 0, 1
KEYS: Final = {HONEST: (0,), CHEAT: (1, 2)}
OWNER: Final = {key: person for person, keys in KEYS.items() for key in keys}
TWO_ANSWERS: Final = 1
"""The key with which the cheat tries two answers."""
Phase = Literal["open", "closed", "cancelled"]
Ballot = tuple[int, int]
"""Ballot key and answer."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The design, or one with a planted bug."""

    issuers: int = 4
    threshold: int = 3
    corrupt: int = 1
    """The last so many issuers sign anything."""
    token_unique: bool = True
    """The issuer's database lets a person have one blinded message per poll."""
    ballot_unique: bool = True
    """The box's database lets a key have one ballot."""
    window_inside_commit: bool = True
    """Open or closed is read in the transaction that stores a ballot."""
    answer_after_commit: bool = True
    """A receipt leaves only when the ballot is durable."""

    @property
    def honest_issuers(self) -> range:
        """Those that keep the rules."""
        return range(self.issuers - self.corrupt)


@dataclass(frozen=True, slots=True)
class State:
    """What is durable, what is on its way, and what people hold."""

    phase: Phase = "open"
    issued: frozenset[tuple[int, int, int]] = frozenset()
    """Durable at honest issuers: issuer, person, key."""
    tokens: frozenset[tuple[int, int]] = frozenset()
    """Held by residents: issuer, key."""
    waiting: frozenset[Ballot] = frozenset()
    """Durable at the box, not yet in the log."""
    logged: frozenset[Ballot] = frozenset()
    receipts: frozenset[Ballot] = frozenset()
    admitted: frozenset[Ballot] = frozenset()
    """Past the checks, not yet durable: a crash forgets them."""
    ended_with: int | None = None
    """How many ballots the log had when its last record was written."""


def steps(rules: Rules, state: State) -> Iterator[tuple[str, State]]:
    """Everything that can happen next; of states that differ by the names of honest issuers, one."""
    for name, following in _steps(rules, state):
        yield name, _renamed(rules, following)


def _steps(rules: Rules, state: State) -> Iterator[tuple[str, State]]:
    if state.phase == "open":
        yield from _issuance(rules, state)
    yield from _casting(rules, state)
    yield from _box(state)


def _renamed(rules: Rules, state: State) -> State:
    """The same state with the honest issuers, which are alike, in the order of what they did."""

    deeds: dict[int, list[int]] = {issuer: [] for issuer in rules.honest_issuers}
    for issuer, _, key in state.issued:
        deeds[issuer].append(2 * key)
    for issuer, key in state.tokens:
        if issuer in deeds:
            deeds[issuer].append(2 * key + 1)
    order = sorted(deeds, key=lambda issuer: sorted(deeds[issuer]))
    if order == list(deeds):
        return state
    names = {issuer: name for name, issuer in enumerate(order)}
    return replace(
        state,
        issued=frozenset((names[i], person, key) for i, person, key in state.issued),
        tokens=frozenset((names.get(i, i), key) for i, key in state.tokens),
    )


def _issuance(rules: Rules, state: State) -> Iterator[tuple[str, State]]:
    for person, keys in KEYS.items():
        for key in keys:
            for issuer in range(rules.issuers):
                if person == HONEST and len(_tokens_of(state, key)) >= rules.threshold:
                    continue  # enough: no further issuer is asked
                yield from _issue(rules, state, issuer, person, key)


def _issue(rules: Rules, state: State, issuer: int, person: int, key: int) -> Iterator[tuple[str, State]]:
    """One request: refused, or committed with its reply lost, or answered; repeated, it gets the same."""
    name = f"issuer {issuer} signs key {key} for resident {person}"
    answered = replace(state, tokens=state.tokens | {(issuer, key)})
    if issuer not in rules.honest_issuers:
        yield name, answered
        return
    others = {k for i, p, k in state.issued if (i, p) == (issuer, person)} - {key}
    if others and rules.token_unique:
        return
    committed = state.issued | {(issuer, person, key)}
    if person == HONEST:  # the cheat loses nothing by an answer that comes later
        yield f"{name}, the reply is lost", replace(state, issued=committed)
    yield name, replace(answered, issued=committed)


def _casting(rules: Rules, state: State) -> Iterator[tuple[str, State]]:
    for key in OWNER:
        if len(_tokens_of(state, key)) >= rules.threshold:
            for answer in (0, 1) if key == TWO_ANSWERS else (0,):
                yield from _cast(rules, state, (key, answer))


def _cast(rules: Rules, state: State, ballot: Ballot) -> Iterator[tuple[str, State]]:
    """Checks, then the commit, then the receipt; a crash may come between any two."""
    durable = state.waiting | state.logged
    name = f"ballot {ballot}"
    if ballot in durable:
        yield f"{name} again: the receipt", replace(state, receipts=state.receipts | {ballot})
        return
    if ballot not in state.admitted:
        if state.phase == "open":
            admitted = replace(state, admitted=state.admitted | {ballot})
            if not rules.answer_after_commit:
                admitted = replace(admitted, receipts=admitted.receipts | {ballot})
            yield f"{name} passes the checks", admitted
        return
    taken = any(key == ballot[0] for key, _ in durable) and rules.ballot_unique
    late = state.phase != "open" and rules.window_inside_commit
    left = replace(state, admitted=state.admitted - {ballot})
    if taken or late:
        yield f"{name} is refused at the commit", left
        return
    stored = replace(left, waiting=left.waiting | {ballot})
    yield f"{name} is committed, the reply is lost", stored
    yield f"{name} is committed", replace(stored, receipts=stored.receipts | {ballot})


def _box(state: State) -> Iterator[tuple[str, State]]:
    if state.admitted:
        yield "the box crashes", replace(state, admitted=frozenset())
    if state.phase == "open":
        ended = replace(state, logged=state.logged | state.waiting, waiting=frozenset())
        if state.waiting:
            yield "a batch goes into the log", ended
        yield "the poll closes", replace(ended, phase="closed", ended_with=len(ended.logged))
        yield "the poll is cancelled", replace(ended, phase="cancelled", ended_with=len(ended.logged))


def broken(rules: Rules, state: State) -> str:
    """The invariant that does not hold here, or nothing."""
    durable = state.waiting | state.logged
    after = state.phase != "open"
    promises = {
        "one person has two ballots": all(
            sum(OWNER[key] == person for key, _ in durable) < 2 for person in KEYS
        ),
        "a ballot without its tokens": all(
            len(_tokens_of(state, key)) >= rules.threshold for key, _ in durable
        ),
        "an acknowledged ballot is lost": state.receipts <= durable,
        "a ballot was taken after the end, or left out of the log": not (after and state.waiting),
        "something stands after the closing record": state.ended_with in (None, len(state.logged)),
    }
    return next((promise for promise, kept in promises.items() if not kept), "")


def stuck(rules: Rules, state: State) -> str:
    """While the poll is open the honest resident can get a ballot in, with the honest issuers alone."""
    (key,) = KEYS[HONEST]
    reachable = len(_tokens_of(state, key) | set(rules.honest_issuers)) >= rules.threshold
    taken = any(k == key and answer != 0 for k, answer in state.waiting | state.logged)
    return "" if state.phase != "open" or (reachable and not taken) else "the honest resident is stuck"


def collusions(rules: Rules) -> int:
    """How many pairs of key sets of size k the honest issuers cannot keep apart: 0 exactly if 2k > n + f."""
    corrupt = set(range(rules.issuers)) - set(rules.honest_issuers)
    sets = [set(chosen) for chosen in combinations(range(rules.issuers), rules.threshold)]
    return sum((one & other) <= corrupt for one in sets for other in sets)


def _tokens_of(state: State, key: int) -> set[int]:
    return {issuer for issuer, k in state.tokens if k == key}
