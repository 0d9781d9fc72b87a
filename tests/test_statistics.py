"""The statistics against scipy and statsmodels, and by simulation."""

import math
from bisect import bisect_left
from random import Random

import numpy
import pytest
from scipy import optimize, special, stats
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.contingency_tables import mcnemar as their_mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from pytest_codesteer.metrics import (
    change,
    clustered_test,
    detectable_change,
    detectable_difference,
    holm,
    instances_to_clear,
    mcnemar,
    mean_of,
    pairs_to_clear,
    percentiles,
    rate,
    resample,
    share_of,
    skewed_mean_of,
    tango,
    wilson,
)
from pytest_codesteer.metrics.distributions import (
    binomial_tail,
    incomplete_beta,
    normal_cdf,
    normal_quantile,
    student_cdf,
    student_quantile,
)


@pytest.fixture
def rng(request):
    return Random(request.node.name)


# Distributions -----------------------------------------------------------------------------------


def test_the_incomplete_beta_function_is_that_of_scipy(rng):
    for _ in range(3000):
        a, b, x = 10 ** rng.uniform(-1, 4), 10 ** rng.uniform(-1, 4), rng.random()
        assert incomplete_beta(a, b, x) == pytest.approx(special.betainc(a, b, x), rel=1e-7, abs=1e-30)


def test_students_t_is_that_of_scipy(rng):
    for _ in range(2000):
        point, freedom = rng.uniform(-30, 30), rng.choice([1, 2, 3.5, 10, 99, 1000, 100_000])
        assert student_cdf(point, freedom) == pytest.approx(stats.t.cdf(point, freedom), rel=1e-7, abs=1e-14)
    for freedom in (1, 2, 5, 29.4, 1e4):
        for share in (0.001, 0.025, 0.4, 0.5, 0.8, 0.975, 0.9999):
            mine = student_quantile(share, freedom)
            assert mine == pytest.approx(stats.t.ppf(share, freedom), rel=1e-8, abs=1e-9)


def test_the_normal_and_the_binomial_are_those_of_scipy(rng):
    for _ in range(500):
        share, n = rng.uniform(0.0001, 0.9999), rng.randint(0, 3000)
        assert normal_quantile(share) == pytest.approx(stats.norm.ppf(share), abs=1e-9)
        assert normal_cdf(share) == pytest.approx(stats.norm.cdf(share), abs=1e-12)
        hits = rng.randint(0, n)
        assert binomial_tail(hits, n) == pytest.approx(stats.binom.cdf(hits, n, 0.5), rel=1e-9)


# Tests and intervals -----------------------------------------------------------------------------


def test_wilson_is_that_of_statsmodels(rng):
    for _ in range(3000):
        n = rng.randint(1, 2000)
        hits = rng.randint(0, n)
        assert wilson(hits, n) == pytest.approx(proportion_confint(hits, n, method="wilson"), abs=1e-12)


def test_ends_are_exact_where_nothing_or_everything_is_a_hit():
    for n in range(1, 400):
        assert wilson(0, n)[0] == 0.0
        assert wilson(n, n)[1] == 1.0


def test_a_share_of_nothing_is_none_and_more_hits_than_cases_are_an_error():
    assert rate([]) is None
    with pytest.raises(ValueError, match="no share: 3 of 2"):
        wilson(3, 2)


def test_mcnemar_is_that_of_statsmodels(rng):
    for _ in range(1500):
        gained, lost = rng.randint(0, 60), rng.randint(0, 60)
        theirs = their_mcnemar([[5, gained], [lost, 9]], exact=True).pvalue
        assert mcnemar(gained, lost) == pytest.approx(min(1.0, theirs), rel=1e-9)


def test_holm_is_that_of_statsmodels(rng):
    for round_ in range(3000):
        values = [rng.choice([0.0, 1.0, rng.random(), rng.random() / 100]) for _ in range(rng.randint(1, 12))]
        order = numpy.argsort(values, kind="stable")
        steps = numpy.minimum(1.0, numpy.array(values)[order] * numpy.arange(len(values), 0, -1))
        expected = dict(zip(order, numpy.maximum.accumulate(steps), strict=True))
        assert holm(values) == pytest.approx([expected[at] for at in range(len(values))], abs=1e-12)
        if round_ % 150 == 0:  # theirs takes its time
            assert holm(values) == pytest.approx(multipletests(values, method="holm")[1], abs=1e-12)
    assert holm([]) == []


def test_clustered_tests_and_means_are_those_of_statsmodels(rng):
    for _ in range(300):
        sizes = [rng.randint(1, 5) for _ in range(rng.randint(2, 15))]
        clusters = [[rng.choice([-1.0, 0.0, 0.0, 1.0]) for _ in range(size)] for size in sizes]
        values = numpy.array([value for cluster in clusters for value in cluster])
        if values.std() == 0 or values.mean() == 0:
            continue
        groups = numpy.repeat(numpy.arange(len(sizes)), sizes)
        fit = OLS(values, numpy.ones(len(values))).fit(
            cov_type="cluster", cov_kwds={"groups": groups}, use_t=True
        )
        mine = [(sum(cluster), float(len(cluster))) for cluster in clusters]
        estimate, (low, high) = mean_of(mine), fit.conf_int()[0]
        assert (estimate.low, estimate.high) == pytest.approx((low, high), rel=1e-7, abs=1e-9)
        if fit.bse[0] > 1e-12:
            assert clustered_test(mine) == pytest.approx(fit.pvalues[0], rel=1e-6, abs=1e-12)


def test_clusters_of_one_case_are_students_test(rng):
    for _ in range(200):
        values = [rng.gauss(0.3, 1) for _ in range(rng.randint(2, 30))]
        theirs = stats.ttest_1samp(values, 0)
        assert clustered_test([(value, 1) for value in values]) == pytest.approx(theirs.pvalue, rel=1e-7)
        estimate, theirs = mean_of([(value, 1) for value in values]), theirs.confidence_interval()
        assert (estimate.low, estimate.high) == pytest.approx((theirs.low, theirs.high), rel=1e-7)


def test_a_skewed_mean_lies_where_halls_transformed_statistic_is_students(rng):
    """At either end of the interval, T + gT^2/3 + g^2T^3/27 + g/6n is as far from zero as Student's t."""
    for _ in range(300):
        values = numpy.array([rng.lognormvariate(3, 0.8) for _ in range(rng.randint(3, 60))])
        n, skewness, found = len(values), stats.skew(values), skewed_mean_of([(v, 1) for v in values])
        assert found.value == pytest.approx(values.mean())
        for end, sign in ((found.low, 1), (found.high, -1)):
            t = (found.value - end) / values.std(ddof=1)
            moved = t + skewness * t**2 / 3 + skewness**2 * t**3 / 27 + skewness / (6 * n)
            assert moved * math.sqrt(n) == pytest.approx(sign * stats.t.ppf(0.975, n - 1), rel=1e-6)


def test_the_mean_of_costs_that_are_now_and_then_great_is_covered_better_than_by_students_interval(rng):
    truth, runs, covered = math.exp(0.7**2 / 2), 2000, {mean_of: 0, skewed_mean_of: 0}
    for _ in range(runs):
        clusters = [(rng.lognormvariate(0, 0.7), 1) for _ in range(20)]
        for interval in covered:
            found = interval(clusters)
            covered[interval] += found.low <= truth <= found.high
    assert 0.92 <= covered[skewed_mean_of] / runs <= 0.97
    assert covered[mean_of] < covered[skewed_mean_of] - 0.01 * runs


def test_a_mean_that_is_not_skewed_has_students_interval():
    even = [(1.0, 1), (2.0, 1), (3.0, 1)]
    assert skewed_mean_of(even).low == pytest.approx(mean_of(even).low)
    assert skewed_mean_of([(2.0, 1)] * 5) == mean_of([(2.0, 1)] * 5)
    assert skewed_mean_of([(2.0, 1)]).low == -math.inf


def test_shares_that_vary_less_than_hits_and_misses_count_for_more_where_they_may():
    clusters = [(value, 1) for value in (0.4, 0.5, 0.6) * 10]
    assert share_of(clusters).size == 30
    assert share_of(clusters, most=120).size == 120


def test_one_cluster_tells_nothing():
    assert mean_of([(3.0, 4)]).low == -math.inf
    assert clustered_test([(3.0, 4)]) == 1.0
    assert share_of([(4.0, 4)]).low == pytest.approx(wilson(1, 1)[0])


def _score(gained, lost, n, difference):
    """Tango's statistic with the likelihood maximised by scipy."""

    def surprise(rare):  # of losses at *rare*, gains at rare + difference
        cells = ((gained, rare + difference), (lost, rare), (n - gained - lost, 1 - 2 * rare - difference))
        return -sum(count * math.log(max(share, 1e-300)) for count, share in cells if count)

    low, high = max(0.0, -difference), (1 - difference) / 2
    rare = optimize.minimize_scalar(
        surprise, bounds=(low, high), method="bounded", options={"xatol": 1e-12}
    ).x
    variance = n * (2 * rare + difference * (1 - difference))
    return (gained - lost - n * difference) / math.sqrt(max(variance, 1e-300))


def test_tangos_interval_is_where_the_score_statistic_says(rng):
    for _ in range(300):
        n = rng.randint(2, 80)
        gained = rng.randint(0, n)
        lost = rng.randint(0, n - gained)
        low, high = tango(gained, lost, n)
        assert -1 <= low <= (gained - lost) / n <= high <= 1
        for end, sign in ((low, 1), (high, -1)):
            if abs(end) < 0.999:
                assert _score(gained, lost, n, end) == pytest.approx(sign * 1.959964, abs=2e-3)


def test_tangos_interval_is_not_empty_where_no_pair_differs():
    low, high = tango(0, 0, 50)
    assert (low, high) == pytest.approx((-3.8415 / 53.8415, 3.8415 / 53.8415), abs=1e-4)


# Coverage and power, by simulation ---------------------------------------------------------------


@pytest.mark.parametrize("epochs", [1, 2, 5, (1, 4)])
@pytest.mark.parametrize(("a", "b"), [(1, 1), (0.2, 0.2), (4, 1)])
def test_intervals_over_epochs_cover_the_share(rng, epochs, a, b):
    """Instances differ: each has a chance of its own, drawn from a beta distribution."""
    covered, runs = 0, 1200
    for _ in range(runs):
        clusters = []
        for _ in range(60):
            size = epochs if isinstance(epochs, int) else rng.randint(*epochs)
            chance = rng.betavariate(a, b)
            clusters.append((float(sum(rng.random() < chance for _ in range(size))), size))
        found = share_of(clusters)
        covered += found.low <= a / (a + b) <= found.high
    assert 0.93 <= covered / runs <= 0.97


def test_epochs_of_one_instance_do_not_count_as_instances():
    one = rate([True] * 50 + [False] * 50)
    same = rate(([True] * 50 + [False] * 50) * 5, [*range(100)] * 5)
    assert (same.low, same.high) == pytest.approx((one.low, one.high), abs=0.002)
    assert (same.value, same.n) == (0.5, 500)


@pytest.mark.parametrize("epochs", [1, 3])
@pytest.mark.parametrize(("gain", "loss"), [(0.1, 0.1), (0.2, 0.05), (0.05, 0.05)])
def test_intervals_of_differences_cover_them_and_tests_keep_their_level(rng, epochs, gain, loss):
    """Instances lean to one side: those that can be gained are gained in half of their epochs."""
    covered, small, runs = 0, 0, 1500
    for _ in range(runs):
        steps, instances = [], []
        for instance in range(150):
            leaning = rng.random()
            lean = 1 if leaning < 2 * gain else -1 if leaning > 1 - 2 * loss else 0
            steps += [lean * (rng.random() < 0.5) for _ in range(epochs)]
            instances += [instance] * epochs
        found = change([step < 0 for step in steps], [step > 0 for step in steps], instances)
        covered += found.difference.low <= gain - loss <= found.difference.high
        small += found.p < 0.05
    assert 0.93 <= covered / runs <= 0.97
    assert small / runs <= 0.065 if gain == loss else small / runs > 0.8


def test_a_ratio_that_is_bootstrapped_is_covered(rng):
    covered, runs = 0, 250
    for _ in range(runs):
        rows = [(rng.expovariate(1 / 300), float(rng.random() < 0.6)) for _ in range(80)]
        (number,) = resample([rows], lambda sums: [sums[0][0] / sums[0][1]], replicates=300)
        found = percentiles(number)
        covered += found.low <= 500 <= found.high
    assert 0.91 <= covered / runs <= 0.98


def test_the_bootstrap_is_the_same_with_the_same_seed_and_open_where_it_is_undefined():
    rows = [(1.0, 1.0), (2.0, 0.0), (3.0, 0.0)]

    def cost(sums):
        return [sums[0][0] / sums[0][1] if sums[0][1] else None]

    first, again = (resample([rows], cost)[0] for _ in range(2))
    assert first == again
    assert (percentiles(first).value, percentiles(first).high) == (6.0, math.inf)
    assert resample([[(1.0, 0.0)]], cost) == [None]


def test_many_instances_are_resampled_in_blocks_that_vary_as_they_do(rng):
    rows = [(float(rng.random() < 0.3), 1.0) for _ in range(5000)]
    (number,) = resample([rows], lambda sums: [sums[0][0] / sums[0][1]])
    low, high = wilson(sum(hit for hit, _ in rows), 5000)
    found = percentiles(number)
    assert found.n == 5000
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.15 * (high - low))


def test_instances_that_are_all_alike_bound_nothing():
    (number,) = resample([[(1.0, 2.0)] * 50], lambda sums: [sums[0][0] / sums[0][1]])
    assert percentiles(number).low == -math.inf


def test_one_instance_bounds_nothing():
    (number,) = resample([[(1.0, 2.0)]], lambda sums: [sums[0][0] / sums[0][1]])
    found = percentiles(number)
    assert (found.value, found.low, found.high) == (0.5, -math.inf, math.inf)


def chances_to_clear(share, bound, counts):
    """Return how likely Wilson's interval lies on the side of *bound* on which *share* is, for each count."""

    def clears(hits, n):
        low, high = wilson(hits, n)
        return low > bound + 1e-12 if share > bound else high < bound - 1e-12

    if share > bound:
        least = [bisect_left(range(n + 1), True, key=lambda hits, n=n: clears(hits, n)) for n in counts]
        return stats.binom.sf(numpy.array(least) - 1, counts, share)
    most = [
        n - bisect_left(range(n + 1), True, key=lambda misses, n=n: clears(n - misses, n)) for n in counts
    ]
    return stats.binom.cdf(most, counts, share)


@pytest.mark.parametrize("bound", [0, 0.02, 0.3, 0.5, 0.8, 0.95, 0.99, 1])
def test_from_the_number_of_instances_named_on_they_decide_in_four_runs_of_five(bound):
    for share in {0, 0.01, 0.05, 0.45, 0.6, 0.7, 0.9, 0.95, 0.98, 0.99, 1} - {bound}:
        n = instances_to_clear(share, bound)
        chances = chances_to_clear(share, bound, range(1, 3 * n + 100))
        assert min(chances[n - 1 :]) >= 0.8, share
        assert n == 1 or chances[n - 2] < 0.8, share


def test_the_number_of_instances_that_show_a_share_is_not_an_end_has_a_closed_form():
    for share, n in ((0.95, 32), (0.99, 161), (0.9999, 16094)):
        assert n == math.ceil(math.log(0.2) / math.log(share))
        assert instances_to_clear(share, 1.0) == instances_to_clear(1 - share, 0.0) == n
    assert instances_to_clear(1.0, 0.7) == 9  # as 9 * 0.3 > 0.7 * Z95**2 > 8 * 0.3
    assert instances_to_clear(0.7, 0.7) is None
    assert instances_to_clear(0.0, 1e-20) is None


@pytest.mark.parametrize(("share", "bound"), [(0.51, 0.5), (0.5, 0.503), (0.951, 0.95)])
def test_large_numbers_of_instances_decide_in_four_runs_of_five(share, bound):
    (chance,) = chances_to_clear(share, bound, [instances_to_clear(share, bound)])
    assert 0.8 <= chance <= 0.803


def test_the_number_of_pairs_named_decides_in_four_runs_of_five(rng):
    for gain, loss, bound in ((0.05, 0.05, -0.05), (0.15, 0.05, 0.0), (0.02, 0.02, -0.03)):
        n = pairs_to_clear(gain, loss, bound)
        cleared = 0
        for _ in range(500):
            draws = [rng.random() for _ in range(n)]
            low, high = tango(sum(x < gain for x in draws), sum(x > 1 - loss for x in draws), n)
            cleared += low > bound or high < bound
        assert 0.72 <= cleared / 500 <= 0.92
    assert pairs_to_clear(0.06, 0.04, 0.06 - 0.04) is None


@pytest.mark.parametrize("share", [0, 0.02, 0.3, 0.5, 0.8, 0.95, 1])
def test_a_change_that_is_detectable_shows_in_four_runs_of_five_and_a_smaller_one_does_not(share):
    side = -1 if share > 0.5 else 1
    for n in (7, 18, 65, 200, 2000):
        step = detectable_change(share, n)
        assert chances_to_clear(share + side * (step + 1e-9), share, [n]) >= 0.8
        assert chances_to_clear(share + side * (step - 1e-9), share, [n]) < 0.8


def test_what_is_detectable_is_what_needs_so_many_instances():
    assert detectable_change(1.0, 18) == pytest.approx(1 - 0.2 ** (1 / 18))
    assert detectable_change(0.0, 1) == pytest.approx(0.8)
    step = detectable_difference(0.2, 300)
    assert pairs_to_clear(0.1 + step / 2, 0.1 - step / 2, 0.0) == pytest.approx(300, abs=1)
    assert detectable_change(0.5, 1) is None
    assert detectable_difference(0.1, 10) is None
