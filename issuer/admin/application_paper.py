"""The application on paper."""

from issuer.admin.applications import Application


def paper(application: Application) -> bytes:
    """The PDF to be signed and stamped."""
    from weasyprint import HTML  # noqa: PLC0415 - slow to load, rarely needed

    return bytes(HTML(string=f"<html lang=ru><title>Заявка</title><h1>{application.number}</h1>").write_pdf())
