"""Training: an embedding per token, learnt so that a query's mean meets its passage's mean."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from index.training.batches import Batch, Keys, Ragged, Stream


@dataclass(frozen=True)
class Settings:
    """What a training run depends on besides its data.

    Attributes:
        dimension: Length of a vector.
        batch: Queries a step.
        steps: Steps of the whole run; the learning rate falls to 0 over them.
        rate: Adam's learning rate at the start.
        scale: Factor of the cosines before the softmax.
        drop: Chance that a query token standing in its passage too is left out.
        blank: Chance that any token is left out.
        backward: Weight of finding the query by the passage, beside the passage by the query.
        seed: Of initialisation, order and dropping.
    """

    dimension: int = 256
    batch: int = 2048
    steps: int = 3000
    rate: float = 0.02
    scale: float = 20.0
    drop: float = 0.3
    blank: float = 0.35
    backward: float = 0.0
    seed: int = 22


@dataclass(frozen=True)
class Weighted:
    """A stream and the share of the steps that it gets."""

    name: str
    stream: Stream
    share: float


class Run:
    """One training run that can stop and go on.

    Args:
        streams: Where the batches come from.
        initial: (vocabulary, dimension) float32 start vectors.
        settings: See ``Settings``.
        parts: For each piece the smaller pieces in it, whose mean is added to its own vector,
            so that a rare word is near the common ones it is made of; none unless given.
    """

    def __init__(
        self,
        streams: Sequence[Weighted],
        initial: torch.Tensor,
        settings: Settings,
        parts: Ragged | None = None,
    ) -> None:
        self.parts = parts
        self.settings = settings
        self.streams = streams
        self.table = torch.nn.Parameter(initial.clone())
        self.optimizer = torch.optim.Adam([self.table], lr=settings.rate, fused=True)
        self.step = 0
        shares = np.array([weighted.share for weighted in streams])
        self.shares = shares / shares.sum()
        self.losses: dict[str, float] = {}

    def advance(self) -> None:
        """Take one step."""
        chosen, rng = self.next_stream()
        batch = chosen.stream.batch(self.settings.batch, rng)
        queries = drop_shared(batch.queries, batch.passages, self.settings.drop, rng)
        queries = drop_any(queries, self.settings.blank, rng)
        passages = drop_any(batch.passages, self.settings.blank, rng)
        loss = self.loss(queries, passages, same_but_other(batch))
        for group in self.optimizer.param_groups:
            group["lr"] = self.settings.rate * (1 - self.step / self.settings.steps)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.step += 1
        known = self.losses.get(chosen.name, float(loss.detach()))
        self.losses[chosen.name] = 0.9 * known + 0.1 * float(loss.detach())

    def next_stream(self) -> tuple[Weighted, np.random.Generator]:
        """Return this step's stream and its random numbers, which depend on seed and step alone."""
        rng = np.random.default_rng((self.settings.seed, self.step))
        return self.streams[int(rng.choice(len(self.streams), p=self.shares))], rng

    def loss(self, queries: Ragged, passages: Ragged, excluded: torch.Tensor) -> torch.Tensor:
        """Return the in-batch softmax loss, a scalar; excluded (b, passages) are no negatives."""
        vectors = self.vectors()
        asked = functional.normalize(pooled(queries, vectors))
        found = functional.normalize(pooled(passages, vectors))
        scores = self.settings.scale * asked @ found.T
        scores = scores.masked_fill(excluded, -torch.inf)
        right = torch.arange(len(scores))
        loss = functional.cross_entropy(scores, right)
        if self.settings.backward:
            back = functional.cross_entropy(scores[:, : len(scores)].T, right)
            loss = (loss + self.settings.backward * back) / (1 + self.settings.backward)
        return loss

    def vectors(self) -> torch.Tensor:
        """Return (vocabulary, dimension) float32: what is exported, one vector a piece."""
        return self.table if self.parts is None else self.table + pooled(self.parts, self.table)

    def save(self, path: Path) -> None:
        """Write a checkpoint, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        state = {
            "settings": asdict(self.settings),
            "step": self.step,
            "table": self.table.detach(),
            "optimizer": self.optimizer.state_dict(),
        }
        partial = path.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(path)

    def load(self, path: Path) -> None:
        """Go on from a checkpoint.

        Raises:
            ValueError: It was written under other settings.
        """
        state = torch.load(path, weights_only=True)
        if state["settings"] != asdict(self.settings):
            raise ValueError(f"{path} was written with other settings; delete it to start anew")
        self.table.data.copy_(state["table"])
        self.optimizer.load_state_dict(state["optimizer"])
        for self.step in range(state["step"]):
            # Passing over the batches that were seen makes the run what an unbroken one is.
            chosen, rng = self.next_stream()
            chosen.stream.skip(self.settings.batch, rng)
        self.step = state["step"]

    def progress(self, seconds: float) -> str:
        """Return one line: step, time and the running loss of each stream."""
        losses = " ".join(f"{name} {loss:.3f}" for name, loss in sorted(self.losses.items()))
        return f"step {self.step}/{self.settings.steps} {seconds:.0f}s {losses}"


def pooled(rows: Ragged, vectors: torch.Tensor) -> torch.Tensor:
    """Return (n, dimension) float32: the mean vector of each row, 0 for a row without tokens."""
    ids = torch.from_numpy(rows.flat.astype(np.int64))
    starts = torch.from_numpy(rows.starts[:-1])
    return functional.embedding_bag(ids, vectors, starts, mode="mean")


def run_all(run: Run, checkpoint: Path | None = None, every: int = 100) -> None:
    """Take all steps that are left, with a progress line and a checkpoint now and then."""
    started = time.monotonic()
    while run.step < run.settings.steps:
        run.advance()
        if run.step % every == 0 or run.step == run.settings.steps:
            print(run.progress(time.monotonic() - started), flush=True)
            if checkpoint is not None:
                run.save(checkpoint)


def start_vectors(vocabulary: int, settings: Settings) -> torch.Tensor:
    """Return (vocabulary, dimension) float32 random vectors; row 0, the unknown, is zero."""
    generator = torch.Generator().manual_seed(settings.seed)
    table = torch.randn(vocabulary, settings.dimension, generator=generator)
    table[0] = 0.0
    return table


def same_but_other(batch: Batch) -> torch.Tensor:
    """Return (b, passages) bool: true where a passage is no real negative.

    That is another pair's passage when the query or the passage of both pairs is the same.
    """
    count, keys = len(batch.query_keys), batch.passage_keys
    same = keys[:count, None] == keys[None, :]
    same[:, :count] |= batch.query_keys[:, None] == batch.query_keys[None, :]
    np.fill_diagonal(same, False)
    return torch.from_numpy(same)


def drop_shared(
    queries: Ragged, passages: Ragged, chance: float, rng: np.random.Generator
) -> Ragged:
    """Leave out query tokens that stand in the passage too, each with the given chance.

    Lexical search finds shared words by itself; without them the vectors must learn the rest.
    """
    if chance <= 0.0:
        return queries
    shared = np.isin(token_keys(queries), token_keys(passages))
    return without(queries, shared & (rng.random(len(shared)) < chance))


def drop_any(rows: Ragged, chance: float, rng: np.random.Generator) -> Ragged:
    """Leave out tokens at random, so that no rare token decides alone."""
    if chance <= 0.0:
        return rows
    return without(rows, rng.random(len(rows.flat)) < chance)


def token_keys(rows: Ragged) -> Keys:
    """Return (total,) int64: one number for each (row, token)."""
    return (rows.owners() << 32) + rows.flat


def without(rows: Ragged, dropped: npt.NDArray[np.bool_]) -> Ragged:
    """Return the rows without the marked tokens; a row that would lose all of them keeps them."""
    owners = rows.owners()
    left = np.bincount(owners[~dropped], minlength=len(rows))
    kept = ~dropped | (left == 0)[owners]
    counts = np.bincount(owners[kept], minlength=len(rows))
    thinned = Ragged([])
    thinned.starts = np.concatenate([[0], np.cumsum(counts)])
    thinned.flat = rows.flat[kept]
    return thinned
