"""The training of the encoder on toy data: what is drawn, learnt, written and measured."""

from __future__ import annotations

import json
import lzma
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from tokenizers import Tokenizer

from index.training import benchmarks, data, everyday, exchange, lexicon, recipe
from index.training.__main__ import arguments
from index.training.batches import Batch, PairStream, Ragged, TextStream, encode, number
from index.training.data import Pair
from index.training.evaluate import Static, bm25, dense, figures, recall, terms, z_scores
from index.training.export import export
from index.training.lexicon import Term
from index.training.report import load
from index.training.tokenizer import LONGEST_HAN, inner, is_han, parts_of_pieces, train_tokenizer
from index.training.train import (
    Run,
    Settings,
    Weighted,
    drop_any,
    drop_shared,
    same_but_other,
    start_vectors,
)

TEXTS = [
    "生育津贴按照本单位职工工资计发，用人单位不得克扣；",
    "解除劳动合同应当支付经济补偿。补偿金按工作年限计算，",
    "企业所得税减按15%的税率征收！高新技术企业适用。",
    "居住证持有人可以申请公共租赁住房，办理时间为2015年。",
] * 5
ENGLISH = ["maternity allowance", "tax rate of enterprises", "labour contract", "housing"] * 5
Vectors = npt.NDArray[np.float32]
SETTINGS = Settings(dimension=8, batch=4, steps=12)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_tokenizer(TEXTS, ENGLISH, (200, 60))


def rows(*ids: list[int]) -> Ragged:
    return Ragged([np.array(row, np.int32) for row in ids])


def streams(tokenizer: Tokenizer) -> list[Weighted]:
    pairs = [Pair("产假工资", TEXTS[0]), Pair("工作赔多少", TEXTS[1], TEXTS[2])]
    return [
        Weighted("pairs", PairStream(tokenizer, pairs), 0.5),
        Weighted("texts", TextStream(tokenizer, TEXTS[:4]), 0.5),
    ]


def toy_run(tokenizer: Tokenizer, settings: Settings = SETTINGS) -> Run:
    vectors = start_vectors(tokenizer.get_vocab_size(), settings)
    return Run(streams(tokenizer), vectors, settings, parts_of_pieces(tokenizer))


# --- tokenizer


def test_tokenizer_folds_width_and_case_and_needs_no_spaces(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode("ＴＡＸ 税率").ids == tokenizer.encode("tax税率").ids


def test_tokenizer_keeps_scripts_apart_and_long_chinese_out(tokenizer: Tokenizer) -> None:
    pieces = tokenizer.get_vocab()
    assert pieces["[UNK]"] == 0
    assert all(len(piece) <= LONGEST_HAN for piece in pieces if is_han(piece))
    assert not any(piece.isascii() and piece.isalpha() for piece in encode_pieces(tokenizer, "税"))


def encode_pieces(tokenizer: Tokenizer, text: str) -> list[str]:
    pieces: list[str] = tokenizer.encode(text).tokens
    return pieces


def test_encode_leaves_unknown_pieces_out(tokenizer: Tokenizer) -> None:
    assert encode(tokenizer, ["𠮷", "税率"])[0].size == 0


def test_pieces_share_the_vectors_of_their_parts(tokenizer: Tokenizer) -> None:
    assert inner("生育津贴") == ["生", "育", "津", "贴", "生育", "育津", "津贴"]
    assert inner("residence") == ["resi", "resid", "reside", "residen", "residenc"]
    assert inner("税") == inner("15") == inner("。") == []
    assert len(parts_of_pieces(tokenizer)) == tokenizer.get_vocab_size()


# --- batches


def test_ragged_rows_read_back() -> None:
    ragged = rows([1, 2], [], [3])
    assert [ragged[i].tolist() for i in range(3)] == [[1, 2], [], [3]]
    assert ragged.owners().tolist() == [0, 0, 2]


def test_number_gives_equal_texts_equal_numbers() -> None:
    assert number(["a", "b", "a"]).tolist() == [0, 1, 0]


def test_pair_stream_appends_negatives(tokenizer: Tokenizer) -> None:
    batch = streams(tokenizer)[0].stream.batch(8, np.random.default_rng(0))
    assert len(batch.queries) == 2
    assert len(batch.passages) == 3
    assert len(set(batch.passage_keys.tolist())) == 3


def test_text_stream_takes_the_query_out_of_its_passage(tokenizer: Tokenizer) -> None:
    text = "甲乙，丙丁，戊己。"
    tiny = train_tokenizer([text] * 9, ENGLISH, (30, 30))
    batch = TextStream(tiny, [text]).batch(1, np.random.default_rng(1))
    whole = encode(tiny, [text])[0]
    together = np.concatenate([batch.queries[0], batch.passages[0]])
    assert sorted(together.tolist()) == sorted(whole.tolist())
    assert len(tokenizer.get_vocab()) > len(batch.queries[0]) > 0


# --- loss and dropping


def test_same_query_or_passage_is_no_negative() -> None:
    batch = Batch(
        rows([1], [1], [2]),
        rows([3], [4], [4], [5]),
        np.array([0, 0, 1]),
        np.array([0, 1, 1, -1]),
    )
    expected = [
        [False, True, False, False],
        [True, False, True, False],
        [False, True, False, False],
    ]
    assert same_but_other(batch).tolist() == expected


def test_drop_shared_takes_only_shared_tokens_and_never_all() -> None:
    rng = np.random.default_rng(0)
    kept = drop_shared(rows([1, 2], [7]), rows([2, 9], [7, 8]), 1.0, rng)
    assert [kept[0].tolist(), kept[1].tolist()] == [[1], [7]]


def test_drop_any_at_zero_changes_nothing_and_at_one_keeps_rows() -> None:
    rng = np.random.default_rng(0)
    for chance in (0.0, 1.0):
        assert drop_any(rows([1, 2], [3]), chance, rng).flat.tolist() == [1, 2, 3]


def test_training_brings_pairs_together(tokenizer: Tokenizer) -> None:
    settings = replace(SETTINGS, steps=60)  # twelve fail one time in a hundred: tokenizers differ
    run = toy_run(tokenizer, settings)
    before = Static(tokenizer, run.vectors().detach().numpy().copy())
    while run.step < settings.steps:
        run.advance()
    after = Static(tokenizer, run.vectors().detach().numpy())
    first, second = (
        float((encoder(["工作赔多少"]) @ encoder([TEXTS[1]]).T)[0, 0])
        for encoder in (before, after)
    )
    assert second > first
    assert "step 60/60" in run.progress(1.0)


def test_resumed_run_equals_unbroken_one(tokenizer: Tokenizer, tmp_path: Path) -> None:
    unbroken, stopped, resumed = (toy_run(tokenizer) for _ in range(3))
    for _ in range(12):
        unbroken.advance()
    for _ in range(5):
        stopped.advance()
    stopped.save(tmp_path / "checkpoint.pt")
    resumed.load(tmp_path / "checkpoint.pt")
    for _ in range(7):
        resumed.advance()
    torch.testing.assert_close(resumed.table, unbroken.table)


def test_checkpoint_of_other_settings_is_refused(tokenizer: Tokenizer, tmp_path: Path) -> None:
    toy_run(tokenizer).save(tmp_path / "checkpoint.pt")
    other = Settings(dimension=8, batch=4, steps=99)
    with pytest.raises(ValueError, match="delete it"):
        toy_run(tokenizer, other).load(tmp_path / "checkpoint.pt")


# --- export


def test_both_libraries_load_the_export_and_agree(tokenizer: Tokenizer, tmp_path: Path) -> None:
    model2vec = pytest.importorskip("model2vec")
    transformers = pytest.importorskip("sentence_transformers")
    settings = Settings(dimension=16)
    table = start_vectors(tokenizer.get_vocab_size(), settings).numpy()
    digest = export(tmp_path, tokenizer, table)
    assert digest == export(tmp_path, tokenizer, table)
    texts = ["生育津贴 tax", "𠮷", "", TEXTS[2] * 40]
    slow = transformers.SentenceTransformer(str(tmp_path), device="cpu").encode(texts)
    fast = model2vec.StaticModel.from_pretrained(str(tmp_path)).encode(texts)
    np.testing.assert_allclose(unit(slow), unit(fast), atol=1e-3)
    np.testing.assert_allclose(unit(slow), load(tmp_path)(texts), atol=1e-3)


def unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors.astype(np.float32), axis=1, keepdims=True)
    scaled: Vectors = vectors / np.maximum(lengths, 1e-9)
    return scaled


def test_export_refuses_a_table_of_the_wrong_size(tokenizer: Tokenizer, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="vectors for"):
        export(tmp_path, tokenizer, np.zeros((3, 4), np.float32))


def test_missing_model_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"python -m index\.training"):
        load(tmp_path)


# --- everyday questions

LAW = """# 某法

## 第一章 总则

第一条 为了保护职工，制定本法。

第二条　生育津贴如下：
（一）按工资计发；

第二条之一 其他按照第一条执行。
"""


def test_split_articles_drops_numbers_and_headings() -> None:
    assert everyday.split_articles(LAW) == [
        "为了保护职工，制定本法。",
        "生育津贴如下：\n（一）按工资计发；",
        "其他按照第一条执行。",
    ]


def test_find_passage_prefers_the_beginning() -> None:
    articles = ["又及：其他事项", "其他事项由某某规定"]
    assert everyday.find_passage(articles, "其他 事项") == 1
    assert everyday.find_passage(articles, "又") == 0
    assert everyday.find_passage(articles, "没有") is None


def test_every_tenth_clause_is_held_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(everyday, "read_laws", lambda *_: {"某法.md": LAW})
    (tmp_path / "training").mkdir()
    policies = [{"q": "某策", "p": f"第{i}段：支持创业"} for i in range(12)]
    text = "\n".join(json.dumps(row) for row in policies)
    with lzma.open(tmp_path / "training" / "policy_docs.jsonl.xz", "wt", encoding="utf-8") as file:
        file.write(text)
    laws = [{"q": f"问{i}", "source": "某法.md", "starts": "为了保护职工"} for i in range(3)]
    others = [
        {"q": f"策{i}", "source": "training/policy_docs", "starts": f"第{i}段"} for i in range(12)
    ]
    lost = {"q": "空", "source": "某法.md", "starts": "查无此条"}
    lines = [json.dumps(row) for row in [*laws, *others, lost]]
    (tmp_path / "questions-a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    read = everyday.read_everyday(tmp_path, tmp_path)
    assert [one.question for one in read.held_out] == ["问0", "问1", "问2", "策9"]
    assert len(read.fit) == 11
    assert read.lost == ["questions-a.jsonl: 空"]
    assert all(pair.negative != pair.passage for pair in everyday.fit_pairs(read))
    test = everyday.held_out_set(read)
    assert [test.passages[min(gold)][:4] for gold in test.gold[2:]] == ["为了保护", "第9段："]


# --- made questions


def test_glosses_are_cleaned() -> None:
    assert lexicon.clean_gloss("to apply (for a permit)") == "apply"
    assert lexicon.clean_gloss("erhua variant of 一个劲") == ""


def test_terms_are_read_with_and_without_english(tmp_path: Path) -> None:
    text = "生育津贴\t坐月子的钱|产假工资\tmaternity pay\n住房\t房子\n# 注\n"
    (tmp_path / "terms-a.tsv").write_text(text, encoding="utf-8")
    (tmp_path / "phrases-a.tsv").write_text("予以补偿\t谁来赔\t\n", encoding="utf-8")
    assert lexicon.read_terms(tmp_path) == [
        Term("生育津贴", ("坐月子的钱", "产假工资"), ("maternity pay",)),
        Term("住房", ("房子",), ()),
        Term("予以补偿", ("谁来赔",), ()),
    ]


def test_words_are_cut_longest_first() -> None:
    assert list(exchange.words("生育津贴的", {"生育", "生育津贴"})) == ["生育津贴", "的"]


def test_reworded_and_english_sentences_use_the_table() -> None:
    rng = np.random.default_rng(0)
    assert exchange.reworded("领生育津贴", {"生育津贴": ["产假工资"]}, 1.0, rng) == "领产假工资"
    assert "allowance" in exchange.in_english("领生育津贴", {"生育津贴": ["allowance"]}, rng)
    assert exchange.in_english("没有", {}, rng) == ""


def test_everyday_pairs_lead_to_texts_with_the_term() -> None:
    term = Term("生育津贴", ("坐月子的钱",), ())
    made = exchange.everyday_pairs(TEXTS[:4], [term], 3, np.random.default_rng(0))
    assert [pair.passage for pair in made] == [TEXTS[0]]
    assert "坐月子的钱" in made[0].query


# --- readers


def write_xz(path: Path, rows: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with lzma.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def test_sources_are_thinned_evenly_and_texts_are_distinct(tmp_path: Path) -> None:
    made = [{"q": f"q{i}", "p": f"p{i // 2}"} for i in range(10)]
    write_xz(data.training_file(tmp_path, "some"), made)  # type: ignore[arg-type]
    pairs = data.read_pairs(tmp_path, data.Source("some", limit=5))
    assert [pair.query for pair in pairs] == ["q0", "q2", "q4", "q6", "q8"]
    assert data.read_texts(tmp_path, ["some"]) == {"some": [f"p{i}" for i in range(5)]}


def test_stard_questions_divisible_by_five_are_never_trained_on(tmp_path: Path) -> None:
    folder = tmp_path / "benchmarks"
    write_xz(folder / "stard_corpus.jsonl.xz", [{"id": f"a{i}", "text": f"t{i}"} for i in range(9)])
    asked: list[dict[str, object]] = [{"id": i, "q": f"q{i}", "gold": [f"a{i}"]} for i in range(9)]
    write_xz(folder / "stard_queries_train.jsonl.xz", asked)
    assert benchmarks.stard(tmp_path).questions == ["q0", "q5"]
    assert {pair.query for pair in benchmarks.stard_fit_pairs(tmp_path)} == {
        f"q{i}" for i in (1, 2, 3, 4, 6, 7, 8)
    }


def test_only_development_questions_are_read(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="only development"):
        benchmarks.policy(tmp_path, tmp_path / "shanghai-2015-test.jsonl")


def test_paragraphs_carry_their_clause() -> None:
    text = "总则。\n　　一、目标\n　　（一）奋斗目标。甲\n　　乙\n"
    labels = [label for label, _ in benchmarks.paragraphs(text)]
    assert labels == ["前言", "一、", "（一）", "（一）"]


# --- figures


def test_terms_are_characters_pairs_and_words() -> None:
    assert terms("税率15%Tax") == ["税", "率", "15", "tax", "税率"]


def test_bm25_agrees_with_the_formula() -> None:
    scores = bm25(["税"], ["税率", "人才"])
    expected = np.log1p((2 - 1 + 0.5) / (1 + 0.5)) / (1 + 1.5)
    np.testing.assert_allclose(scores, [[expected, 0.0]], rtol=1e-6)


def test_recall_by_hand() -> None:
    gold = [frozenset({0}), frozenset({0, 1})]
    test = benchmarks.TestSet("toy", ["a", "b"], ["x", "y", "z"], gold, [0, 1, 1])
    scores = np.array([[0.1, 0.9, 0.2], [0.5, 0.1, 0.4]], np.float32)
    assert recall(scores, test, (1, 2)) == {1: 0.5, 2: 1.0}


def test_figures_name_each_way_to_search() -> None:
    test = benchmarks.TestSet("toy", ["税"], ["税率", "人才"], [frozenset({0})], [0, 1])
    found = figures(lambda texts: np.eye(2, dtype=np.float32)[: len(texts)], test, (1,))
    assert found.recall == {way: {1: 1.0} for way in ("dense", "bm25", "sum", "sum, vectors ×4")}
    assert found.line().startswith("toy (1, @1): dense 1.000; bm25 1.000")


def test_z_scores_have_mean_zero_and_deviation_one() -> None:
    scores = z_scores(np.array([[1.0, 2.0, 3.0]], np.float32))
    assert scores.mean() == pytest.approx(0, abs=1e-6)
    assert scores.std() == pytest.approx(1, abs=1e-6)


def test_best_sentence_is_at_least_the_whole(tokenizer: Tokenizer) -> None:
    encoder = Static(tokenizer, start_vectors(tokenizer.get_vocab_size(), SETTINGS).numpy())
    test = benchmarks.TestSet("toy", ["补偿金"], TEXTS[:4], [frozenset({1})], [0, 1, 2, 3])
    assert (dense(encoder, test, True) >= dense(encoder, test, False) - 1e-6).all()


def test_every_share_has_a_maker_and_the_command_line_knows_it() -> None:
    assert set(recipe.SHARES) == set(recipe.MAKERS)
    assert arguments(["--without", "stard"]).without == ["stard"]
