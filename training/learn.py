"""Training of the block net: forward and backward by hand, Adam, seeded; numpy alone.

The loss is a blend of cross-entropy a block and of one minus the soft F1 of the page, which is what counts in the
end: 2 * sum(p * hits) / (sum(p * sizes) + truth).
"""

from dataclasses import dataclass

import numpy as np

from newsmill.extraction.blocks.containers import LEVELS
from newsmill.extraction.blocks.statistics import Floats
from newsmill.extraction.page.columns import Ints
from training.batch import Batch, Labelled, batch

Params = dict[str, Floats]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a net is trained. Measured by cross-validation over domains on the development pages."""

    hidden: int = 48
    deep: int = 32
    epochs: int = 24  # 8 of 24 pages a step: .851 on one fold; 16 of 12: .8685; 20 of 8: .8697
    rate: float = 2e-3  # Adam's step at its height, falling by a cosine to nothing
    pages: int = 8  # a step
    dropout: float = 0.25
    soft_f1: float = 0.9  # share of the page loss, after the warm-up
    warm_up: float = 0.25  # share of the steps with cross-entropy alone
    decay: float = 0.01  # of weights, relative to the rate


@dataclass(slots=True)
class _Trace:
    """What the backward pass needs of the forward pass."""

    own: Floats
    containers: Floats
    seen1: Floats
    hidden: Floats
    around: Floats
    seen2: Floats
    deep: Floats


def fresh(example: Labelled, recipe: Recipe, rng: np.random.Generator) -> Params:
    """Random weights (He et al. 2015), for features of the widths of `example`."""
    own, boxes, page = example.features.own.shape[1], example.features.containers.shape[1], len(example.features.page)
    inputs = own + LEVELS * boxes + page
    width = recipe.hidden * (LEVELS + 5)

    def drawn(rows: int, columns: int, fan_in: int) -> Floats:
        weights: Floats = (rng.standard_normal((rows, columns)) * np.sqrt(1 / fan_in)).astype(np.float32)
        return weights

    params = {"own": drawn(own, recipe.hidden, inputs), "page": drawn(page, recipe.hidden, inputs)}
    params |= {f"level{level}": drawn(boxes, recipe.hidden, inputs) for level in range(LEVELS)}
    params |= {"deep": drawn(width, recipe.deep, width // 2), "out": drawn(recipe.deep, 1, recipe.deep)}
    params |= {"bias1": np.zeros(recipe.hidden, np.float32), "bias2": np.zeros(recipe.deep, np.float32)}
    return params | {"bias3": np.zeros(1, np.float32)}


def train(pages: list[Labelled], seed: int, recipe: Recipe) -> Params:
    """A net. The same pages, seed and recipe give the same weights (on the same BLAS)."""
    rng = np.random.default_rng(seed)
    params = fresh(pages[0], recipe, rng)
    first = {name: np.zeros_like(value) for name, value in params.items()}
    second = {name: np.zeros_like(value) for name, value in params.items()}
    steps = recipe.epochs * -(-len(pages) // recipe.pages)
    step = 0
    for _ in range(recipe.epochs):
        shuffled = rng.permutation(len(pages))
        for at in range(0, len(pages), recipe.pages):
            data = batch([pages[i] for i in shuffled[at : at + recipe.pages]])
            odds, trace = _forward(params, data, rng, recipe.dropout)
            blend = recipe.soft_f1 if step > recipe.warm_up * steps else 0.0
            gradients = _backward(params, data, trace, _loss_gradient(odds, data, blend))
            step += 1
            rate = recipe.rate * min(1.0, step / 50) * (0.5 + 0.5 * np.cos(np.pi * step / steps))
            for name, gradient in gradients.items():
                first[name] += 0.1 * (gradient - first[name])
                second[name] += 0.01 * (gradient * gradient - second[name])
                move = first[name] / (1 - 0.9**step) / (np.sqrt(second[name] / (1 - 0.99**step)) + 1e-8)
                shrink = 0.0 if name.startswith("bias") else recipe.decay
                params[name] -= np.float32(rate) * (move + shrink * params[name]).astype(np.float32)
    return params


def _dropped(values: Floats, rng: np.random.Generator, rate: float) -> tuple[Floats, Floats]:
    mask = (rng.random(values.shape, dtype=np.float32) >= rate).astype(np.float32) / np.float32(1 - rate)
    return values * mask, mask


def _forward(params: Params, data: Batch, rng: np.random.Generator, dropout: float) -> tuple[Floats, _Trace]:
    own, _ = _dropped(data.own, rng, dropout / 2)
    containers, _ = _dropped(data.containers, rng, dropout / 2)
    raw = own @ params["own"] + (data.pages @ params["page"])[data.page_of] + params["bias1"]
    for level in range(LEVELS):
        raw += (containers @ params[f"level{level}"])[data.container_of[level]]
    hidden, mask1 = _dropped(np.maximum(raw, 0), rng, dropout)
    around = _context(hidden, data)
    raw2 = around @ params["deep"] + params["bias2"]
    deep, mask2 = _dropped(np.maximum(raw2, 0), rng, dropout)
    odds = (deep @ params["out"])[:, 0] + params["bias3"][0]
    return odds, _Trace(own, containers, (raw > 0) * mask1, hidden, around, (raw2 > 0) * mask2, deep)


def _context(hidden: Floats, data: Batch) -> Floats:
    sums = np.zeros((len(hidden) + 1, hidden.shape[1]), np.float64)
    np.cumsum(hidden, axis=0, out=sums[1:])
    parts = [hidden, _shifted(hidden, data.before), _shifted(hidden, data.after)]
    parts += [place.gather(sums) for place in data.ranges]
    return np.concatenate(parts, axis=1)


def _shifted(hidden: Floats, index: Ints) -> Floats:
    out = hidden[index]
    out[index < 0] = 0
    return out


def _backward(params: Params, data: Batch, trace: _Trace, gradient: Floats) -> Params:
    column = gradient[:, None]
    grads: Params = {"out": trace.deep.T @ column, "bias3": column.sum(axis=0)}
    inner = (column @ params["out"].T) * trace.seen2
    grads["deep"], grads["bias2"] = trace.around.T @ inner, inner.sum(axis=0)
    inner = (
        _context_gradient(np.asarray(inner @ params["deep"].T, np.float32), data, trace.hidden.shape[1]) * trace.seen1
    ).astype(np.float32)
    grads["own"], grads["bias1"] = trace.own.T @ inner, inner.sum(axis=0)
    grads["page"] = data.pages.T @ np.add.reduceat(inner, data.page_starts, axis=0)
    for level in range(LEVELS):
        reader, order = data.container_of[level], data.container_order[level]
        rows, starts = np.unique(reader[order], return_index=True)
        grads[f"level{level}"] = trace.containers[rows].T @ np.add.reduceat(inner[order], starts, axis=0)
    return grads


def _context_gradient(gradient: Floats, data: Batch, width: int) -> Floats:
    parts = np.split(gradient, gradient.shape[1] // width, axis=1)
    total = parts[0].copy()
    for part, index in ((parts[1], data.before), (parts[2], data.after)):
        inside = index >= 0
        total[index[inside]] += part[inside]
    for part, place in zip(parts[3:], data.ranges, strict=True):
        total += place.scatter(np.ascontiguousarray(part), len(total))
    return total


def _loss_gradient(odds: Floats, data: Batch, blend: float) -> Floats:
    """The gradient of the blended loss with respect to the odds of each block. Every page counts the same."""
    share = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
    target = data.hits / np.maximum(data.sizes, 1)
    weight = np.sqrt(data.sizes)
    weight /= np.maximum(np.add.reduceat(weight, data.page_starts), 1)[data.page_of]
    gradient = (1 - blend) * weight * (share - target)
    if blend:
        hits = np.add.reduceat(share * data.hits, data.page_starts)
        whole = np.maximum(np.add.reduceat(share * data.sizes, data.page_starts) + data.truth, 1)
        f1 = 2 * hits / whole
        slope = (2 * data.hits - f1[data.page_of] * data.sizes) / whole[data.page_of]
        gradient = gradient - blend * slope * share * (1 - share)
    result: Floats = (gradient / len(data.truth)).astype(np.float32)
    return result
