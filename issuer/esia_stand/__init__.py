"""A strict stand-in for ESIA (Gosuslugi) with fictional residents: for development, tests and the demo.

It refuses what ESIA refuses, with ESIA's codes. It keeps sign-ins in memory: one process, lost on restart.
Narrower than ESIA: online access only, the grant `authorization_code` only, five scopes.
"""
