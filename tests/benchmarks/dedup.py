"""How many articles of 300 words are fingerprinted and compared in a second of one core.

python -m tests.benchmarks.dedup
"""

import sys
import time
from collections.abc import Callable
from random import Random

from feedsvc.dedup import arrivals, fingerprint
from feedsvc.dedup.comparing import compare
from feedsvc.dedup.words import wording
from tests.dedup.samples import ARTICLE, ENGLISH, TITLE, edited, entry

ARTICLES = 1000
WORDS = 300


def rate(work: Callable[[], object], items: int) -> float:
    """Return items a second of processor time, the best of five runs."""
    seconds = []
    for _ in range(5):
        started = time.process_time()
        work()
        seconds.append(time.process_time() - started)
    return items / min(seconds)


def main() -> None:
    random = Random(1)
    vocabulary = f"{ARTICLE} {ENGLISH}".split()
    texts = [" ".join(random.choices(vocabulary, k=WORDS)) for _ in range(ARTICLES)]
    entries = [entry(f"g{n}", f"https://a.vn/{n}", f"{TITLE} {n}", text) for n, text in enumerate(texts)]
    copies = [(wording(text), wording(edited(text, 0.1, n))) for n, text in enumerate(texts[:100])]
    others = [(wording(one), wording(other)) for one, other in zip(texts[:100], texts[100:200], strict=True)]
    for what, found in (
        ("fingerprint, articles/s", rate(lambda: [fingerprint(each) for each in entries], ARTICLES)),
        ("keys and fingerprint, articles/s", rate(lambda: arrivals(entries), ARTICLES)),
        ("comparing a copy, pairs/s", rate(lambda: [compare(*pair) for pair in copies], len(copies))),
        ("comparing others, pairs/s", rate(lambda: [compare(*pair) for pair in others], len(others))),
    ):
        sys.stdout.write(f"{what:36}{found:10,.0f}\n")


if __name__ == "__main__":
    main()
