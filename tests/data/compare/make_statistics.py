"""Writes statistics.json: what scipy, statsmodels and uncertainties say of cases that this script makes.

    python3 -m venv VENV && VENV/bin/pip install numpy==2.4.6 scipy==1.17.1 statsmodels==0.15.0 uncertainties==3.2.3
    VENV/bin/python make_statistics.py > statistics.json
"""

import json
import math
import sys
import warnings

import numpy as np
import scipy
import statsmodels
import uncertainties
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

warnings.simplefilter("ignore")
dice = np.random.default_rng(20261129)


def plain(value):
    value = float(value)
    return value if math.isfinite(value) else None


class SplitMix(np.random.Generator):
    """Draws what llmx draws: the numbers of SplitMix64, of one seed, in their order."""

    def __init__(self, seed):
        super().__init__(np.random.PCG64(0))
        self.seed, self.step = np.uint64(seed), 0

    def integers(self, low, high=None, size=None, **_):
        assert low == 0
        count = int(np.prod(size))
        with np.errstate(over="ignore"):
            steps = np.arange(self.step + 1, self.step + count + 1, dtype=np.uint64)
            state = self.seed + steps * np.uint64(0x9E3779B97F4A7C15)
            state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            state ^= state >> np.uint64(31)
        self.step += count
        index = ((state >> np.uint64(32)) * np.uint64(high)) >> np.uint64(32)
        return index.astype(np.int64).reshape(size)


class Given(np.random.Generator):
    """Draws the indices that it was given."""

    def __init__(self, rows):
        super().__init__(np.random.PCG64(0))
        self.rows = np.array(rows)

    def integers(self, low, high=None, size=None, **_):
        assert self.rows.shape == tuple(size)
        return self.rows


def mcnemar_cases():
    pairs = [(first, second) for first in range(13) for second in range(13)]
    pairs += [tuple(int(count) for count in dice.integers(0, top, 2)) for top in (40, 300, 5000) for _ in range(20)]
    pairs += [(0, 400), (0, 3000), (500, 500), (50_000, 49_600), (120_000, 119_000)]
    for first, second in pairs:
        table = [[7, first], [second, 3]]
        yield {"first": first, "second": second, "p": plain(mcnemar(table, exact=True).pvalue)}


def wilcoxon_differences():
    for size in (0, 1, 2, 3, 5, 6, 7, 10, 13, 14, 20, 49, 50, 51, 60, 150):
        yield dice.normal(0.3, 1, size).round(6)
        yield dice.normal(0, 1, size).round(1)
        yield dice.integers(-3, 5, size).astype(float)
        yield dice.integers(-1, 2, size).astype(float)
        yield np.zeros(size)
        yield np.full(size, 0.5)
        yield np.abs(dice.normal(1, 1, size)).round(4)
        yield (dice.integers(0, 6, size) - dice.integers(0, 6, size)) / 5


def wilcoxon_cases():
    for differences in wilcoxon_differences():
        case = {"differences": differences.tolist()}
        try:
            auto = stats.wilcoxon(differences)
            case["statistic"], case["auto"] = plain(auto.statistic), plain(auto.pvalue)
        except ValueError:  # scipy has no figure for a single zero
            case["statistic"], case["auto"] = None, None
        case["approx"] = plain(stats.wilcoxon(differences, method="asymptotic").pvalue) if differences.any() else None
        apart = len(set(np.abs(differences))) == len(differences) and differences.all()
        case["exact"] = plain(stats.wilcoxon(differences, method="exact").pvalue) if apart else None
        yield case


def bootstrap(values, clusters, rng, resamples=10_000):
    options = {"n_resamples": resamples, "method": "percentile", "rng": rng, "vectorized": True}
    if clusters is None:
        found = stats.bootstrap((values,), np.mean, **options)
    else:
        names = sorted(set(clusters))
        sums = [sum(value for value, cluster in zip(values, clusters) if cluster == name) for name in names]
        counts = [clusters.count(name) for name in names]
        mean = lambda sums, counts, axis: sums.sum(axis=axis) / counts.sum(axis=axis)
        found = stats.bootstrap((sums, counts), mean, paired=True, **options)
    return [plain(found.confidence_interval.low), plain(found.confidence_interval.high)]


def bootstrap_cases():
    for number in range(24):
        size = int(dice.integers(2, 60))
        shapes = [dice.normal(0.1, 1, size).round(5), dice.integers(-1, 2, size).astype(float), dice.exponential(1, size).round(4)]
        values = shapes[number % 3].tolist()
        clusters = None
        if number % 2:
            clusters = [0, 1] + [int(cluster) for cluster in dice.integers(0, max(2, size // 3), size - 2)]
        seed = int(dice.integers(0, 2**63))
        case = {"values": values, "clusters": clusters, "seed": seed, "same_draws": bootstrap(values, clusters, SplitMix(seed))}
        others = np.array([bootstrap(values, clusters, np.random.default_rng(other)) for other in range(12)])
        case["other_draws"], case["error"] = others.mean(axis=0).tolist(), others.std(axis=0, ddof=1).tolist()
        yield case
    yield {"values": [0.0] * 9, "clusters": None, "seed": 5, "same_draws": [0.0, 0.0], "other_draws": [0.0, 0.0], "error": [0.0, 0.0]}


def index_cases():
    for _ in range(8):
        size = int(dice.integers(2, 9))
        values, rows = dice.normal(0, 1, size).round(4).tolist(), dice.integers(0, size, (60, size)).tolist()
        yield {"values": values, "rows": rows, "interval": bootstrap(values, None, Given(rows), len(rows))}


def wilson_cases():
    trials = [1, 2, 3, 5, 10, 17, 20, 50, 100, 263, 850, 1000, 100_000]
    for number in trials:
        for count in sorted({0, 1, number // 3, number // 2, number - 1, number, number / 3, number * 0.77}):
            low, high = proportion_confint(count, number, method="wilson")
            yield {"share": count / number, "trials": number, "interval": [plain(low), plain(high)]}


def holm_cases():
    lists = [[], [0.04], [1.0, 1.0], [0.0, 0.0], [0.01, 0.02, 0.03], [0.03, 0.02, 0.01], [0.04, 0.04, 0.001, 1.0]]
    lists += [dice.uniform(0, 1, size).tolist() for size in range(1, 21)]
    lists += [(dice.uniform(0, 1, size) ** 4).round(3).tolist() for size in range(2, 33)]
    for values in lists:
        yield {"p": values, "adjusted": multipletests(values, method="holm")[1].tolist() if values else []}


def spread_cases():
    lists = [[1.0], [2.0, 2.0], [0.0] * 5, [1.0, 9.0], [1.0, 1.0, 50.0]]
    lists += [dice.lognormal(0, 1, size).round(4).tolist() for size in range(1, 40)]
    for values in lists:
        yield {"values": values, "median": plain(np.median(values)), "mad": plain(stats.median_abs_deviation(values))}


def ratio_cases():
    for _ in range(40):
        top, bottom = dice.lognormal(0, 1, 2)
        errors = dice.choice([0.0, 0.01, 0.3, 2.0], 2) * dice.uniform(0.5, 1)
        ratio = uncertainties.ufloat(top, errors[0]) / uncertainties.ufloat(bottom, errors[1])
        yield {"top": [top, errors[0]], "bottom": [bottom, errors[1]], "value": ratio.nominal_value, "error": ratio.std_dev}


made = {
    "made_with": {module.__name__: module.__version__ for module in (np, scipy, statsmodels, uncertainties)},
    "mcnemar": list(mcnemar_cases()),
    "wilcoxon": list(wilcoxon_cases()),
    "bootstrap": list(bootstrap_cases()),
    "bootstrap_indices": list(index_cases()),
    "wilson": list(wilson_cases()),
    "holm": list(holm_cases()),
    "spread": list(spread_cases()),
    "ratio": list(ratio_cases()),
}
# One case a line, so that a change can be read.
out = [f'"made_with": {json.dumps(made.pop("made_with"))}']
for name, cases in made.items():
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    out.append(f'"{name}": [\n{lines}\n]')
sys.stdout.write("{\n" + ",\n".join(out) + "\n}\n")
