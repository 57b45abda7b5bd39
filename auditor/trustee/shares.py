"""A private key in shares of words (SLIP-0039): any `threshold` of them rebuild it, fewer say nothing."""

from dataclasses import dataclass, field

from shamir_mnemonic import MnemonicError, Share, combine_mnemonics, generate_mnemonics

from crypto.hpke import PRIVATE_KEY_SIZE


class ShareRefused(Exception):
    """Words that are no share, or do not belong with those given before. The message repeats no word."""


def split(private_key: bytes, threshold: int, number: int) -> tuple[str, ...]:
    """So many shares of a 32-byte key, 33 words each; checked by rebuilding the key from them."""
    (shares,) = generate_mnemonics(1, [(threshold, number)], private_key)
    for first in range(number):
        chosen = [shares[(first + step) % number] for step in range(threshold)]
        if combine_mnemonics(chosen) != private_key:
            raise AssertionError("the shares do not give the key back")
    return tuple(shares)


@dataclass
class Collection:
    """Shares as trustees give them, one after the other."""

    threshold: int
    _shares: list[Share] = field(default_factory=list, repr=False)

    @property
    def missing(self) -> int:
        """How many more are due."""
        return self.threshold - len(self._shares)

    def add(self, words: str) -> None:
        """Take a share in. Raises ShareRefused; then nothing has changed."""
        try:
            share = Share.from_mnemonic(" ".join(words.lower().split()))
        except MnemonicError:
            raise ShareRefused("these words are no share: a word is mistyped, missing or too many") from None
        if (share.member_threshold, len(share.value)) != (self.threshold, PRIVATE_KEY_SIZE):
            raise ShareRefused("this is a share of something else")
        for other in self._shares:
            if share.common_parameters() != other.common_parameters():
                raise ShareRefused("this share is of another ceremony than those before")
            if share.index == other.index:
                raise ShareRefused("this share was given already")
        self._shares.append(share)

    def rebuild(self) -> bytes:
        """The 32-byte private key. Raises ShareRefused when shares are missing or do not fit each other."""
        try:
            private_key: bytes = combine_mnemonics(share.mnemonic() for share in self._shares)
        except MnemonicError:
            raise ShareRefused("these shares do not give a key together") from None
        return private_key
