"""ESIA (Gosuslugi) as a relying party sees it: sign-in, tokens, person data, GOST signatures."""
