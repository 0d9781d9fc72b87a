"""The far side of the sandbox: what runs in processes of its own, between the harness and the programs.

These modules import the standard library and each other, never the rest of the package, and hold nothing
that a program may not see: a fork server is started from them with a clean environment.
"""
