"""Writes expected.json: small random images resampled by SciPy, with anti-aliasing and the three alignments of grids."""

import json
import math
from pathlib import Path

import numpy as np
import scipy
from scipy import ndimage

rng = np.random.default_rng(20260101)
image = np.round(rng.normal(0, 300, (9, 8, 7)), 1)
spacing = np.array([1.0, 1.5, 2.0])


def positions(count, old, new, alignment):
    size = math.ceil(round(count * old / new, 6))
    if alignment == "origin":
        return np.arange(size) * new / old
    if alignment == "fit":
        return np.linspace(0, count - 1, size)
    return (count - 1) / 2 + (np.arange(size) - (size - 1) / 2) * new / old


def resample(values, target, alignment, order, beta):
    if beta is not None:
        step = np.array(target) / spacing
        sigma = np.where(step > 1, step * np.sqrt(-8 * np.log(beta)), 0)
        values = ndimage.gaussian_filter(values, sigma, mode="nearest", truncate=4.0)
    axes = [positions(n, s, t, alignment) for n, s, t in zip(values.shape, spacing, target)]
    grid = np.meshgrid(*axes, indexing="ij")
    if order == 3:  # edge values beyond the image, as far as the spline is felt
        values = np.pad(values, 30, mode="edge")
        grid = [g + 30 for g in grid]
    return ndimage.map_coordinates(values, grid, order=order, mode="nearest")


cases = []
for target, alignment, order, beta in [
    ([2.0, 2.0, 3.1], "centre", 1, 0.98),
    ([2.0, 2.0, 3.1], "centre", 3, 0.98),
    ([2.6, 0.9, 2.0], "centre", 1, 0.9),
    ([0.7, 2.0, 1.3], "origin", 1, None),
    ([0.7, 2.0, 1.3], "origin", 3, None),
    ([0.7, 2.0, 1.3], "fit", 1, None),
    ([1.7, 1.1, 2.9], "fit", 3, None),
]:
    out = resample(image, target, alignment, order, beta)
    cases.append(
        {
            "spacing": target,
            "alignment": alignment,
            "method": {1: "linear", 3: "cubic"}[order],
            "antiAliasing": beta,
            "shape": out.shape,
            "values": [float(f"{v:.10g}") for v in out.ravel(order="F")],
        }
    )

document = {
    "source": f"SciPy {scipy.__version__}, NumPy {np.__version__}",
    "shape": image.shape,
    "spacing": spacing.tolist(),
    "image": image.ravel(order="F").tolist(),
    "cases": cases,
}
Path(__file__).with_name("expected.json").write_text(json.dumps(document) + "\n")
