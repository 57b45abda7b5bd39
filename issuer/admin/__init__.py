"""Administrators and operators: applications for access, polls from draft to archive, the log of acts."""
