import re

from evals.cases import Case
from evals.curves import calibration_curve, depth_curve, refusal_curves
from evals.html_report import to_html
from evals.run import Failure, Outcome, Report
from evals.stats import aggregate

HIT = {"document_id": "d", "clause": {"label": "第二条", "path": []}, "text": "期限<b>十年</b>。"}
OTHER = {"document_id": "d", "clause": {"label": "第一条", "path": []}, "text": "总则。"}


def case(name: str, kind: str = "fact_literal", *, answerable: bool = True) -> Case:
    return Case(
        id=name,
        type=kind,
        question=f"问题<{name}>？",
        answerable=answerable,
        document="d",
        clauses=("第二条",) if answerable else (),
        quotes=("期限<b>十年</b>",) if answerable else (),
        keys=(("十年",),) if answerable else (),
    )


def outcome(asked: Case, confidence: float, *hits: dict, right: float = 0.0) -> Outcome:
    response = {
        "answerable": True,
        "answer": "<script>期限</script>",
        "refusal": None,
        "confidence": confidence,
        "citations": [{"clause": {"label": "第一条"}}],
        "evidence": list(hits),
    }
    return Outcome(asked, response, {"right": right})


FOUND = outcome(case("a"), 0.9, OTHER, HIT)
MISSED = outcome(case("b"), 0.3, OTHER)
FAR = outcome(case("c", "unanswerable_far", answerable=False), 0.1)


def html(*outcomes: Outcome) -> str:
    scored = [(o.case.type, o.case.document, o.scores) for o in outcomes]
    return to_html(Report(outcomes, aggregate(scored), None), "试跑")


def test_the_curves_count_each_side_of_the_threshold() -> None:
    refused, far = refusal_curves([FOUND, MISSED, FAR])
    assert dict(refused.points)[0.5] == 0.5
    assert dict(refused.points)[0.2] == 0.0
    assert dict(far.points)[0.0] == 1.0
    assert dict(far.points)[0.2] == 0.0


def test_the_calibration_is_the_share_of_answerable_in_each_bin() -> None:
    curve, counts = calibration_curve([FOUND, MISSED, FAR])
    assert curve.points == ((0.1, 0.0), (0.3, 1.0), (0.9, 1.0))
    assert counts == (1, 1, 1)


def test_recall_grows_with_depth() -> None:
    points = dict(depth_curve([FOUND, MISSED]).points)
    assert points[1] == 0.0
    assert points[2] == 0.5


def test_failed_questions_stand_beside_their_gold_and_nothing_is_markup() -> None:
    page = html(FOUND, MISSED, FAR)
    assert "&lt;script&gt;期限" in page
    assert "<script" not in page
    assert "期限&lt;b&gt;十年&lt;/b&gt;" in page
    assert page.count("检索到的段落里没有这一句") == 1


def test_the_page_needs_no_network() -> None:
    assert not re.search(r"(?:src|href)=|url\(|@import", html(FOUND))


def test_a_run_in_which_all_questions_raised_still_gives_a_page() -> None:
    raised = Outcome(case("x"), failure=Failure("OSError", "磁盘已满"))
    assert "磁盘已满" in html(raised)
