"""Every refusal of docs/protocol.md section 10, as a word of the domain.

`shared.web.problems` gives each its HTTP status and its sentences. Messages never hold what was refused.
"""

from typing import ClassVar


class Refusal(Exception):
    """The request is refused and nothing has changed."""

    slug: ClassVar[str]


class MalformedRequest(Refusal):
    slug = "malformed-request"


class NotAuthorized(Refusal):
    slug = "not-authorized"


class PollNotGranted(Refusal):
    slug = "poll-not-granted"


class IssuerUnknown(Refusal):
    slug = "issuer-unknown"


class PollUnknown(Refusal):
    slug = "poll-unknown"


class NotFound(Refusal):
    slug = "not-found"


class MethodNotAllowed(Refusal):
    slug = "method-not-allowed"


class TokenAlreadyIssued(Refusal):
    slug = "token-already-issued"


class BallotAlreadyCast(Refusal):
    slug = "ballot-already-cast"


class ManifestRefused(Refusal):
    slug = "manifest-refused"


class ReleaseRefused(Refusal):
    slug = "release-refused"


class BlindedMessageInvalid(Refusal):
    slug = "blinded-message-invalid"


class BallotMalformed(Refusal):
    slug = "ballot-malformed"


class TokenInvalid(Refusal):
    slug = "token-invalid"


class BallotSignatureInvalid(Refusal):
    slug = "ballot-signature-invalid"


class AnswersInvalid(Refusal):
    slug = "answers-invalid"


class PollNotOpen(Refusal):
    slug = "poll-not-open"


class PollClosed(Refusal):
    slug = "poll-closed"


class OpeningRefused(Refusal):
    slug = "opening-refused"


class OpeningTooEarly(Refusal):
    slug = "opening-too-early"


class TooLarge(Refusal):
    slug = "too-large"


class MediaTypeUnsupported(Refusal):
    slug = "media-type-unsupported"


class BoxReadOnly(Refusal):
    slug = "box-read-only"


class StorageFull(Refusal):
    slug = "storage-full"


class Unavailable(Refusal):
    slug = "unavailable"


class EsiaUnavailable(Refusal):
    slug = "esia-unavailable"


class InternalError(Refusal):
    slug = "internal-error"


class AccountNotConfirmed(Refusal):
    slug = "account-not-confirmed"


class AccountDeleted(Refusal):
    slug = "account-deleted"


class RegistrationMissing(Refusal):
    slug = "registration-missing"


class AddressNotRecognised(Refusal):
    slug = "address-not-recognised"


class AddressNotVerified(Refusal):
    slug = "address-not-verified"


class NotResident(Refusal):
    slug = "not-resident"


class TooYoung(Refusal):
    slug = "too-young"


class SignInCancelled(Refusal):
    slug = "sign-in-cancelled"


class SignInExpired(Refusal):
    slug = "sign-in-expired"
