"""ESIA's refusals: code, OAuth error name, text."""

from typing import Final

_ERRORS: Final = {
    "ESIA-007002": ("unauthorized_client", "The certificate belongs to another system."),
    "ESIA-007003": ("invalid_request", "The request contains a wrong or repeated parameter [{}]."),
    "ESIA-007004": ("access_denied", "The resource owner or the authorization server denied the request."),
    "ESIA-007005": ("unauthorized_client", "The client is not authorized to request by this method."),
    "ESIA-007006": ("invalid_scope", "The requested scope is invalid, unknown or malformed."),
    "ESIA-007007": ("server_error", "The authorization server met an unexpected condition."),
    "ESIA-007009": ("unsupported_grant_type", "The method is not supported."),
    "ESIA-007011": ("invalid_grant", "The code is invalid, expired, revoked or another client's."),
    "ESIA-007014": ("invalid_request", "The request doesn`t contain the mandatory parameter [{}]."),
    "ESIA-007015": ("invalid_request", "The time of the request is wrong."),
    "ESIA-007019": ("access_denied", "No permission for the requested scope."),
    "ESIA-007023": ("invalid_request", "The redirect_uri is not allowed."),
    "ESIA-007039": ("invalid_request", "A code_verifier came without a code_challenge before it."),
    "ESIA-007040": ("invalid_grant", "The code_verifier does not match the code_challenge."),
    "ESIA-007053": ("access_denied", "OAuthErrorEnum.clientSecretWrong"),
    "ESIA-007055": ("access_denied", "The account is not confirmed."),
}


class EsiaRefusal(Exception):
    """A refusal with one of ESIA's codes; `name` is the parameter at fault, where the text names one."""

    def __init__(self, code: str, name: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.error, text = _ERRORS[code]
        self.description = f"{code}: {text.format(name)}"
