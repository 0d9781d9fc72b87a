"""Numbers from records and from plain tables of scores.  Pure, with the standard library alone.

Of a set of records
    `summarise`, `solved`, `mean_estimate`, `per_solved`, `all_of` (pass^k), `classes` (code usage)
    `score_table` (of tasks and methods)
    `steering_accuracy`, `steering_regret` (against all_code and all_text of the same run)
    `standings` (average normalised score and rank of each method, with intervals)
    `compare_runs`, `compare_methods`, `beside` (a run and what was `published_of` a model)
Of plain tables and numbers
    `normalised_scores`, `average_scores`, `ranks`, `average_ranks` (the paper's metrics)
    `rate`, `share_of`, `mean_of`, `skewed_mean_of`, `wilson`, `tango` (95 % intervals)
    `resample` with `percentiles` (the same by the bootstrap)
    `relative` with `centred` or `placed` (the same of what is relative to the best of several)
    `change`, `mcnemar`, `clustered_test`, `holm` (paired tests)
    `instances_to_clear`, `instances_to_narrow`, `pairs_to_clear` (how many decide a gate)
    `detectable_change`, `detectable_difference` (what so many can tell)

A number that cannot be computed is None or `Undefined`, which says why; it is never 0.
"""

from pytest_codesteer.metrics.comparison import (
    Comparison,
    Difference,
    aligned,
    change_of,
    compare_methods,
    compare_runs,
)
from pytest_codesteer.metrics.intervals import (
    Estimate,
    Rate,
    Undefined,
    clusters_of,
    mean,
    mean_of,
    rate,
    share_of,
    skewed_mean_of,
    total,
    wilson,
)
from pytest_codesteer.metrics.paired import Change, change, clustered_test, holm, mcnemar, tango
from pytest_codesteer.metrics.paper import average_ranks, average_scores, normalised_scores, ranks
from pytest_codesteer.metrics.power import (
    detectable_change,
    detectable_difference,
    instances_to_clear,
    instances_to_narrow,
    pairs_to_clear,
)
from pytest_codesteer.metrics.published import (
    Beside,
    Published,
    beside,
    published_models,
    published_of,
    published_overall,
)
from pytest_codesteer.metrics.relative import Relative, centred, placed, relative
from pytest_codesteer.metrics.resampling import Resampled, percentiles, resample
from pytest_codesteer.metrics.standing import Standing, score_table, standings
from pytest_codesteer.metrics.steering import SOLVES, steering_accuracy, steering_matrix, steering_regret
from pytest_codesteer.metrics.summary import (
    MEANS,
    Summary,
    all_of,
    grouped,
    instance_of,
    judged,
    mean_estimate,
    per_solved,
    solved,
    summarise,
    way,
    way_of,
)
from pytest_codesteer.metrics.usage import Classes, classes

__all__ = [
    "MEANS",
    "SOLVES",
    "Beside",
    "Change",
    "Classes",
    "Comparison",
    "Difference",
    "Estimate",
    "Published",
    "Rate",
    "Relative",
    "Resampled",
    "Standing",
    "Summary",
    "Undefined",
    "aligned",
    "all_of",
    "average_ranks",
    "average_scores",
    "beside",
    "centred",
    "change",
    "change_of",
    "classes",
    "clustered_test",
    "clusters_of",
    "compare_methods",
    "compare_runs",
    "detectable_change",
    "detectable_difference",
    "grouped",
    "holm",
    "instance_of",
    "instances_to_clear",
    "instances_to_narrow",
    "judged",
    "mcnemar",
    "mean",
    "mean_estimate",
    "mean_of",
    "normalised_scores",
    "pairs_to_clear",
    "per_solved",
    "percentiles",
    "placed",
    "published_models",
    "published_of",
    "published_overall",
    "ranks",
    "rate",
    "relative",
    "resample",
    "score_table",
    "share_of",
    "skewed_mean_of",
    "solved",
    "standings",
    "steering_accuracy",
    "steering_matrix",
    "steering_regret",
    "summarise",
    "tango",
    "total",
    "way",
    "way_of",
    "wilson",
]
