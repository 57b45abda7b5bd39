"""The append-only log of issuer and ballot box alike: C2SP tlog-tiles over a database.

A leaf's life: `sequencer.append` (durable, waiting) -> `sequencer.sequence` (index, tiles and head in one
transaction) -> `publisher.publish` (after the commit: mark, signature, checkpoint) -> `reader.read_file`.
"""
