"""How a scenario says that a model is to be learnt: the key `learning`."""

from collections.abc import Callable
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from mcdiv.core.domains import Domain
from mcdiv.scenario.readers import list_reader, number_reader

METHODS = ("gradient_descent", "sgd", "newton")

METHOD = Domain(expected="one of " + ", ".join(METHODS), choices=METHODS)
STEPS = Domain(expected="a whole number from 1 to 100,000", accepts=lambda x: 1 <= x <= 100_000, whole=True)
RATE = Domain(expected="a number > 0, at most 1000", accepts=lambda x: 0 < x <= 1000)
BATCH = Domain(expected="a whole number from 1 to 10^9", accepts=lambda x: 1 <= x <= 10**9, whole=True)
DECAY = Domain(expected="a number from 0 to 1000", accepts=lambda x: 0 <= x <= 1000)
TOLERANCE = Domain(expected="a number between 0 and 1", accepts=lambda x: 0 < x < 1)


def _float_reader(domain: Domain) -> Callable[[object], float]:
    return lambda value: float(number_reader(domain)(value))


class Learning(BaseModel):
    """Ways to minimise the empirical cross-entropy, and how long to try."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    method: Annotated[tuple[str, ...], BeforeValidator(list_reader(METHOD, "method"))] = METHODS
    steps: Annotated[int, BeforeValidator(number_reader(STEPS))] = 100
    #: of the loss in nats; each is a fit of its own
    learning_rate: Annotated[tuple[float, ...], BeforeValidator(list_reader(RATE, "learning rate"))] = (0.5,)
    #: draws in a mini-batch, at most the whole sample; each is a fit of its own
    batch_size: Annotated[tuple[int, ...], BeforeValidator(list_reader(BATCH, "batch size"))] = (10,)
    #: step t, from 0, has the size learning_rate/(1 + decay · t)
    decay: Annotated[float, BeforeValidator(_float_reader(DECAY))] = 0.0
    #: a fit has arrived where no q_k is further than this from p̂_k
    tolerance: Annotated[float, BeforeValidator(_float_reader(TOLERANCE))] = 1e-6
