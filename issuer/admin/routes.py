"""The office under /admin: one blueprint of four."""

from flask import Blueprint

from issuer.admin.access import access
from issuer.admin.pages import before, failed, secured
from issuer.admin.polls import polls
from issuer.admin.published import published
from issuer.admin.regional import regional

admin = Blueprint(
    "admin",
    __name__,
    url_prefix="/admin",
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)
admin.before_request(before)
admin.after_request(secured)
admin.register_error_handler(Exception, failed)
for part in (access, regional, published, polls):
    admin.register_blueprint(part)
