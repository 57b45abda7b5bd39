"""HTTP of the issuer, a blueprint per subject: parse, rule, render."""
