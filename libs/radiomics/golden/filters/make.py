"""Writes expected.json: a small random image under each filter, by SciPy, NumPy and PyWavelets."""

import json
import math
from pathlib import Path

import numpy as np
import pywt
import scipy
from scipy import ndimage

rng = np.random.default_rng(20260102)
SHAPE, SPACING = (8, 12, 7), np.array([1.0, 1.5, 2.0])
image = np.round(rng.normal(100, 300, SHAPE))
MODES = {"zero": "constant", "nearest": "nearest", "periodic": "wrap", "mirror": "reflect"}
cases = []


def add(response, filter_, spacing=(2.0, 2.0, 2.0)):
    values = [float(f"{v:.12g}") for v in np.asarray(response).ravel(order="F")]
    cases.append({"filter": filter_, "spacing": list(spacing), "values": values})


def offsets(sigma_mm, spacing, truncation):
    reach = [math.floor(truncation * sigma_mm / s + 0.5) for s in spacing]
    return np.meshgrid(*[np.arange(-r, r + 1) * s for r, s in zip(reach, spacing)], indexing="ij")


for boundary, mode in MODES.items():
    add(ndimage.uniform_filter(image, 3, mode=mode), {"kind": "mean", "sizeVoxels": 3, "boundary": boundary})
    add(
        ndimage.gaussian_filter(image, 1.7 / SPACING, mode=mode, truncate=3),
        {"kind": "gaussian", "sigmaMm": 1.7, "truncation": 3, "boundary": boundary},
        SPACING,
    )
    # The kernel as a whole, with sigma in voxels
    x, y, z = offsets(2.4, (2, 2, 2), 3)
    r2, s = (x * x + y * y + z * z) / 4, 1.2
    kernel = -(3 - r2 / s**2) / s**2 * np.exp(-r2 / 2 / s**2) / (math.sqrt(2 * math.pi) * s) ** 3
    add(
        ndimage.convolve(image, kernel, mode=mode),
        {"kind": "laplacian-of-gaussian", "sigmaMm": 2.4, "truncation": 3, "boundary": boundary},
    )
    edge, level, spot = np.array([-1, 0, 1]), np.array([1, 4, 6, 4, 1]), np.array([-1, 2, -1])
    kernel = edge[:, None, None] * level[None, :, None] * spot[None, None, :] / math.sqrt(2 * 70 * 6)
    add(ndimage.convolve(image, kernel, mode=mode), {"kind": "laws", "kernels": "E3L5S3", "boundary": boundary})
    theta, sigma, wavelength, gamma = math.radians(35), 3.0, 5.0, 0.8
    x, y = offsets(sigma / gamma, (1.0, 1.5), 2)
    along, across = x * math.cos(theta) + y * math.sin(theta), y * math.cos(theta) - x * math.sin(theta)
    kernel = np.exp(-(along**2 + gamma**2 * across**2) / 2 / sigma**2 + 2j * math.pi * along / wavelength)
    parts = [ndimage.convolve(image, part[:, :, None], mode=mode) for part in (kernel.real, kernel.imag)]
    add(
        np.hypot(*parts),
        {
            "kind": "gabor",
            "sigmaMm": sigma,
            "wavelengthMm": wavelength,
            "gamma": gamma,
            "thetaDegrees": 35,
            "truncation": 2,
            "boundary": boundary,
        },
        SPACING,
    )

even = image[:, :, :4]  # PyWavelets wants sizes that are multiples of 2^level; the test cuts the image likewise
for number, name in enumerate(["haar", "db2", "db3", "coif1", "coif2", "coif3"]):
    bands = pywt.swtn(even, name, level=2, axes=(0, 1, 2))
    for level in (1, 2):
        band = ["LLH", "HLH", "HHL", "HHH", "LHL", "LLL"][(number + level) % 6]
        response = bands[2 - level].get(band.replace("L", "a").replace("H", "d"))
        if response is not None:
            filter_ = {"kind": "wavelet", "wavelet": name, "band": band, "level": level, "boundary": "periodic"}
            add(response, filter_)

gradients = np.gradient(np.pad(image, 1, mode="edge"), *SPACING)
add(np.sqrt(sum(g[1:-1, 1:-1, 1:-1] ** 2 for g in gradients)), {"kind": "gradient"}, SPACING)
largest = np.abs(image).max()
add(image**2 / largest, {"kind": "square"})
add(np.sign(image) * np.sqrt(largest * np.abs(image)), {"kind": "square-root"})
add(np.sign(image) * np.log(np.abs(image) + 1) * largest / np.log(largest + 1), {"kind": "logarithm"})
add(np.exp(np.log(largest) / largest * image), {"kind": "exponential"})


def frequencies(shape):
    axes = [np.fft.ifftshift((np.arange(n) - (n - 1) / 2) / ((n - 1) / 2)) for n in shape]
    return np.meshgrid(*axes, indexing="ij")


def simoncelli(distance, level):
    m = 2.0 ** (1 - level)
    with np.errstate(divide="ignore"):
        return np.where((distance > m / 4) & (distance <= m), np.cos(np.pi / 2 * np.log2(2 * distance / m)), 0)


x, y, z = frequencies(SHAPE)
distance = np.sqrt(x * x + y * y + z * z)
spectrum = np.fft.fftn(image)
for level in (1, 2):
    base = {"kind": "simoncelli", "level": level, "boundary": "periodic"}
    add(np.fft.ifftn(spectrum * simoncelli(distance, level)).real, base)
    for a, b, c in [(1, 0, 0), (0, 2, 0), (1, 1, 1)]:
        order = a + b + c
        scale = math.sqrt(math.factorial(order) / math.prod(map(math.factorial, (a, b, c))))
        riesz = (-1j) ** order * scale * x**a * y**b * z**c / np.where(distance == 0, 1, distance) ** order
        response = np.fft.ifftn(spectrum * simoncelli(distance, level) * riesz).real
        add(response, {"kind": "riesz", "order": [a, b, c], "of": base})
x, y = (f[:, :, :1] for f in frequencies(SHAPE)[:2])
flat = simoncelli(np.sqrt(x * x + y * y), 1)
add(
    np.fft.ifftn(np.fft.fftn(image, axes=(0, 1)) * flat, axes=(0, 1)).real,
    {"kind": "simoncelli", "level": 1, "dimension": "2D", "boundary": "periodic"},
)

document = {
    "source": f"SciPy {scipy.__version__}, NumPy {np.__version__}, PyWavelets {pywt.__version__}",
    "shape": SHAPE,
    "image": image.ravel(order="F").astype(int).tolist(),
    "cases": cases,
}
Path(__file__).with_name("expected.json").write_text(json.dumps(document).replace('{"filter"', '\n{"filter"') + "\n")
