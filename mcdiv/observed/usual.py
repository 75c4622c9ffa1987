"""Which interval and which standard error an estimate has where no method is named."""

from mcdiv.estimands.contract import estimand_of
from mcdiv.estimators.entry import Estimator, Property
from mcdiv.intervals.contract import INTERVALS

#: the interval of what is 0 where nothing differs
EDGE = "noncentral_chi2"


def usual_interval(entry: Estimator) -> str:
    """noncentral_chi2 where there is one, so of divergences and mutual information; else as its standard error."""
    edge = INTERVALS[EDGE].offered(estimand_of(entry.estimand), entry.design)
    return EDGE if edge else usual_error(entry)


def usual_error(entry: Estimator) -> str:
    """The jackknife, or delta around estimators whose spread the jackknife overstates."""
    return "delta" if Property.ALTERNATES in entry.properties else "jackknife"
