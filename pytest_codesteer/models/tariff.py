"""What a request to a model costs, and what it may cost before its reply is there."""

from dataclasses import dataclass
from datetime import date

from pytest_codesteer.conversation import Ask, Reply, Usage
from pytest_codesteer.models.prices import Prices
from pytest_codesteer.models.providers import ModelName, Settings, hosts_interpreter, providers, quirks_of

MESSAGE_TOKENS = 16  # that a chat format puts around a message, at most
TOOL_TOKENS = 500  # of the offer of the tool "python"
UNLIMITED_TOKENS = 16_000  # of a reply to a request that sets no limit, unless a longer one was seen
HOSTED_ROUNDS = 4  # that a hosted interpreter may take, each of which reads the chat again


@dataclass(frozen=True, slots=True)
class Tariff:
    """The prices of one model on the day of the run."""

    name: ModelName
    settings: Settings
    prices: Prices
    on: date
    batch: bool = False  # whether requests are made in batches

    @property
    def known(self) -> bool:
        """Whether the model has a price."""
        return self.price(Usage()) is not None

    def dollars(self, reply: Reply) -> float | None:
        """Return what a reply costs; None if it is not known."""
        return self.prices.dollars(reply, self.name.provider, self._model, self.on)

    def price(self, usage: Usage) -> float | None:
        """Return what tokens cost; None without a price."""
        price = self.prices.find(self.name.provider, self._model, self.on, batch=self.batch)
        return None if price is None else price.dollars(usage)

    def worst(self, request: Ask, longest: Reply | None) -> float:
        """Return what a request may cost; 0 without a price.

        A token is a byte or more.  A reply has the tokens that the request allows; where the model takes no
        such limit, twice those of the *longest* reply so far, or 16,000.  With a hosted interpreter, whose
        rounds nobody bounds, four rounds are taken.
        """
        sent = sum(
            len(message.content.encode("utf-8", "replace"))
            + sum(len(call.arguments.encode("utf-8", "replace")) for call in message.calls)
            + MESSAGE_TOKENS
            for message in request.messages
        ) + (TOOL_TOKENS if request.tools else 0)
        hosted = bool(request.tools) and self.name.provider in providers() and hosts_interpreter(self.name)
        rounds = HOSTED_ROUNDS if hosted else 1
        container = self.prices.find_container(self.name.provider, self.on) if hosted else None
        used = Usage(prompt=sent * rounds, completion=self._completion(longest) * rounds)
        return (self.price(used) or 0.0) + (container.dollars(self.settings.seconds) if container else 0.0)

    @property
    def _model(self) -> str:
        return self.name.model or self.name.label

    def _completion(self, longest: Reply | None) -> int:
        """Return the tokens that a reply may have."""
        if not quirks_of(self.name).no_limit:
            return self.settings.max_tokens
        seen = longest.usage.completion if longest and longest.usage else 0
        return max(UNLIMITED_TOKENS, 2 * seen)
