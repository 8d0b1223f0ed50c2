"""A cosine beside those with texts of no document."""

import numpy as np
from support import shipped_assistant, shipped_encoder

from index.cohort import Cohort
from index.encode import HashEncoder


def test_standings_are_those_of_the_formula() -> None:
    encoder = HashEncoder()
    cohort = Cohort(encoder)
    query = encoder.encode_query(["离岗创业"])[0]
    terms, expressions = cohort.standings(query, 0.5)
    higher, _ = cohort.standings(query, 0.75)
    assert higher.nearer - terms.nearer == np.float64(0.25)
    assert higher.above > terms.above
    assert terms.above > 0  # few of the cohort are as near as .5
    assert expressions.nearer != terms.nearer


def test_a_question_about_the_document_stands_above_one_about_nothing_in_it() -> None:
    searcher = shipped_assistant()._searcher
    assert shipped_encoder()

    def best(question: str) -> float:
        hits = searcher.search(question)
        dense = max(s.dense for s in searcher.sentences(question, hits))
        return searcher.standings(question, dense)[0].nearer

    assert best("科研人员可以离岗创业吗？") > best("女职工产假休多少天？")
