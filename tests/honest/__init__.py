"""Programs that a sandbox must not hinder: what models really write, and what libraries really do."""

from tests.honest import language, libraries, scripts, system

PROGRAMS = (*language.PROGRAMS, *system.PROGRAMS, *libraries.PROGRAMS, *scripts.PROGRAMS)
