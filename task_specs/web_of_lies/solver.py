"""Web of Lies, solved: the sentences read, and the chain of statements followed."""

import re

HONEST = ("tells the truth", "is telling the truth", "is truthful", "is honest", "does not lie")
LYING = ("lies", "is lying", "is a liar", "is not honest", "does not tell the truth")
SAYING = ("says", "claims", "states", "insists", "swears")

_CLAIM = f"(?P<claim>{'|'.join(HONEST + LYING)})"
_VERB = f"(?:{'|'.join(SAYING)})"
_FORMS = (
    rf"(?P<who>\w+) {_VERB}(?: that)? (?P<about>\w+) {_CLAIM}",
    rf"According to (?P<who>\w+), (?P<about>\w+) {_CLAIM}",
    rf"(?P<about>\w+) {_CLAIM}, {_VERB} (?P<who>\w+)",
    rf"(?P<who>\w+) {_CLAIM}",
)
_ASKED = re.compile(r"(?:Does|Is) (\w+) (?:tell(?:ing)? the truth|truthful|honest)\?")


def asked(text: str) -> str:
    """Return the name of the person that the question is about."""
    found = _ASKED.search(text)
    if found is None:
        raise ValueError(f"not a web of lies: {text:.80}")
    return found[1]


def solution(text: str) -> str:
    """Return Yes or No: whether that person tells the truth.  The statements may stand in any order."""
    statements, honest = {}, {}
    for sentence in text.removeprefix("Question: ").split(". "):
        found = next(filter(None, (re.fullmatch(form, sentence) for form in _FORMS)), None)
        if found is None:
            continue
        claim = found["claim"] in HONEST
        if "about" in found.groupdict():
            statements[found["who"]] = (found["about"], claim)
        else:
            honest[found["who"]] = claim
    person, truth = asked(text), True
    while person not in honest:  # someone is honest if what they say of the next one is so
        person, claim = statements[person]
        truth = truth == claim
    return "Yes" if truth == honest[person] else "No"
