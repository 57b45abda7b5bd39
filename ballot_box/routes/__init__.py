"""HTTP of the ballot box, a blueprint per subject: parse, rule, render."""
