"""Makes test/fixtures/metrics/scikitLearn.json: what scikit-learn says of records made here, for metrics.test.ts.

Made with scikit-learn 1.9.1, numpy 2.4.6, Python 3.11. Run: python metricsFixtures.py > ../fixtures/metrics/scikitLearn.json
Probabilities are whole 4096ths, exact in binary, and each row sums to 1. What scikit-learn cannot say is null: figures that
are 0 of 0 (zero_division=nan), and the average precision of a class without records, where it says 0 and warns.
"""

import json
import sys
import warnings

import numpy as np
import sklearn
from sklearn import metrics
from sklearn.calibration import calibration_curve

warnings.filterwarnings("ignore")
WHOLE = 4096


def plain(value):
    """As JSON has it, with nan as null."""
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(each) for each in value]
    value = float(value)
    return None if np.isnan(value) else value


def expected(truth, parts):
    truth, probabilities = np.array(truth), np.array(parts) / WHOLE
    classes = probabilities.shape[1]
    labels = list(range(classes))
    predicted = probabilities.argmax(1)
    each = metrics.precision_recall_fscore_support(truth, predicted, labels=labels, zero_division=np.nan)

    def mean(kind):
        found = metrics.precision_recall_fscore_support(
            truth, predicted, labels=labels, average=kind, zero_division=np.nan
        )
        return plain(found[:3])

    one = [truth == label for label in labels]
    present = [label for label in labels if one[label].any()]
    precisions = [
        metrics.average_precision_score(one[label], probabilities[:, label]) if label in present else np.nan
        for label in labels
    ]
    confidence, right = probabilities.max(1), predicted == truth
    shares, means = calibration_curve(right, confidence, n_bins=15, strategy="uniform")
    # Which bins those are, as calibration_curve has them: all others are empty.
    bins = np.searchsorted(np.linspace(0, 1, 16)[1:-1], confidence)
    counts = np.bincount(bins, minlength=15)
    # In top_k_accuracy_score the later of equal classes ranks first, in argmax (and here) the earlier: so mirrored.
    top5 = (
        metrics.top_k_accuracy_score(classes - 1 - truth, probabilities[:, ::-1], k=5, labels=labels)
        if classes > 5
        else (1.0 if classes == 5 else np.nan)
    )
    return {
        "confusion": metrics.confusion_matrix(truth, predicted, labels=labels).ravel().tolist(),
        "top1": plain(metrics.accuracy_score(truth, predicted)),
        "top5": plain(top5),
        "meanClass": plain(metrics.balanced_accuracy_score(truth, predicted)),
        "precision": plain(each[0]),
        "recall": plain(each[1]),
        "f1": plain(each[2]),
        "support": each[3].tolist(),
        "macro": mean("macro"),
        "weighted": mean("weighted"),
        "averagePrecision": plain(precisions),
        "meanAveragePrecision": plain(np.nanmean(precisions)),
        "curves": [curve(one[label], probabilities[:, label]) if label in present else [] for label in labels],
        "bins": {"counts": counts.tolist(), "accuracy": plain(shares), "confidence": plain(means)},
        "ece": plain((counts[counts > 0] * np.abs(shares - means)).sum() / len(truth)),
        "nll": plain(metrics.log_loss(truth, probabilities, labels=labels)) if classes > 1 else None,
        "brier": brier(truth, probabilities, labels) if classes > 1 else None,
    }


def brier(truth, probabilities, labels):
    if len(labels) == 2:  # is the binary score, of one class, whatever is asked for
        return plain(2 * metrics.brier_score_loss(truth, probabilities[:, 1], labels=labels, pos_label=1, scale_by_half=True))
    return plain(metrics.brier_score_loss(truth, probabilities, labels=labels, scale_by_half=False))


def curve(one, scores):
    """Of each recall above 0 the best precision, recall upwards."""
    precision, recall, _ = metrics.precision_recall_curve(one, scores)
    best = {}
    for r, p in zip(recall, precision):
        if r > 0:
            best[r] = max(p, best.get(r, 0))
    return [[float(r), float(best[r])] for r in sorted(best)]


def rows(random, count, classes, sharpness=1.0, whole=WHOLE):
    """Rows of whole numbers that sum to WHOLE, in steps of WHOLE / whole."""
    shares = random.dirichlet(np.full(classes, 1 / sharpness), count)
    parts = np.floor(shares * whole).astype(int)
    for row in parts:
        row[random.integers(classes)] += whole - row.sum()
    return (parts * (WHOLE // whole)).tolist()


def leaning(random, truth, parts, share=0.5):
    """Swaps the largest part to the true class in some rows, so that there is something to be right about."""
    for label, row in zip(truth, parts):
        if random.random() < share:
            largest = int(np.argmax(row))
            row[label], row[largest] = row[largest], row[label]
    return parts


def main():
    random = np.random.default_rng(5)
    cases = {}

    def add(name, truth, parts):
        truth = [int(label) for label in truth]
        cases[name] = {"truth": truth, "parts": parts, "expected": expected(truth, parts)}

    def drawn(name, count, classes, labels=None, **how):
        truth = random.choice(labels if labels is not None else classes, count)
        add(name, truth, leaning(random, truth, rows(random, count, classes, **how)))

    drawn("random, 7 classes", 80, 7)
    drawn("random, 12 classes, sharp", 90, 12, sharpness=6)
    drawn("random, 2 classes", 50, 2)
    drawn("random, 5 classes: top-5 is all", 30, 5)
    drawn("ties, quarters", 60, 6, whole=4)
    drawn("ties, all alike but few", 40, 8, whole=2)
    drawn("classes absent", 50, 7, labels=[1, 2, 5])
    drawn("one class occurs", 20, 6, labels=[3])
    drawn("one record", 1, 6)
    # Probabilities on the edges of bins and of the range.
    edges = [[WHOLE * k // 16, WHOLE - WHOLE * k // 16, 0] for k in range(17)]
    add("on round numbers, with zeros", [k % 3 for k in range(17)], edges)
    never = rows(random, 40, 6)
    for row in never:
        row[0] += row[4]
        row[4] = 0
    add("a class never predicted", random.choice(6, 40), never)
    add("all right and sure", [0, 1, 2, 3, 4, 5] * 2, (np.eye(6, dtype=int) * WHOLE).tolist() * 2)
    add("all wrong and sure", [1, 2, 3, 4, 5, 0], (np.eye(6, dtype=int) * WHOLE).tolist())
    add("all classes alike", [0, 1, 2, 3] * 3, [[WHOLE // 4] * 4] * 12)
    add("only one class there is", [0, 0, 0], [[WHOLE]] * 3)
    add("predictions only of a class that does not occur", [1, 1, 2], [[WHOLE, 0, 0]] * 3)
    assert sklearn.__version__ == "1.9.1" and np.__version__ == "2.4.6"
    json.dump(cases, sys.stdout, separators=(",", ":"))


main()
