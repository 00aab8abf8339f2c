"""Writes expected.json: what SciPy says of small random regions. See README.md for versions."""
import json
import pathlib

import numpy as np
from scipy import ndimage
from scipy.spatial.distance import cdist

rng = np.random.default_rng(20250301)
shape, spacing = (19, 14, 9), np.array([0.7, 1.1, 2.5])


def flat(mask):
    return mask.astype(int).ravel(order="F").tolist()


def blobs(threshold, sigma=1.2):
    return ndimage.gaussian_filter(rng.random(shape), sigma) > threshold


region, organ = blobs(0.53), ndimage.binary_dilation(blobs(0.5), iterations=2)
outside = ndimage.distance_transform_edt(~region, sampling=spacing)
inside = ndimage.distance_transform_edt(region, sampling=spacing)
rings = []
for low, high in ((0, 2), (2, 5), (-1.5, 0), (-3, 4), (0.7, 2.5), (-5, -1.1)):
    ring = (~region & (outside > max(low, 0)) & (outside <= high)) | (region & (inside > max(-high, 0)) & (inside <= -low))
    rings.append({"from": low, "to": high, "ring": flat(ring), "clipped": flat(ring & organ)})

sparse = rng.random(shape) < 0.03
labels, count = ndimage.label(sparse, structure=np.ones((3, 3, 3)))
lesions = [np.flatnonzero((labels == n).ravel(order="F")).tolist() for n in range(1, count + 1)]
lesions.sort(key=lambda voxels: (-len(voxels), voxels[0]))

readers = [blobs(0.52), blobs(0.5), region]
agreement = []
for a in range(3):
    for b in range(a + 1, 3):
        points = [np.argwhere(readers[n]) * spacing for n in (a, b)]
        d = cdist(*points)
        agreement.append({
            "pair": [a, b],
            "dice": 2 * int((readers[a] & readers[b]).sum()) / int(readers[a].sum() + readers[b].sum()),
            "hausdorff": max(d.min(axis=0).max(), d.min(axis=1).max()),
        })

# a mask of another spacing, turned by 20 degrees about z and shifted, brought to the grid of an image: nearest
angle = np.deg2rad(20)
turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
mask_affine, image_affine = np.eye(4), np.eye(4)
mask_affine[:3, :3], mask_affine[:3, 3] = turn * spacing, [3.3, -2.7, 1.9]
image_affine[:3, :3], image_affine[:3, 3] = np.diag([0.9, 0.8, 1.7]), [-1.234, 0.567, 0.89]
image_shape = (16, 21, 12)
m = np.linalg.inv(mask_affine) @ image_affine
nearest = ndimage.affine_transform(region.astype(np.uint8), m[:3, :3], m[:3, 3], output_shape=image_shape, order=0, mode="grid-constant")

out = {
    "shape": shape, "spacing": spacing.tolist(), "region": flat(region), "organ": flat(organ),
    "outside": [float(format(x, ".15g")) for x in outside.ravel(order="F")],
    "rings": rings, "sparse": flat(sparse), "lesions": lesions,
    "readers": [flat(r) for r in readers], "agreement": agreement, "majority": flat(sum(r.astype(int) for r in readers) >= 2),
    "nearest": {
        "maskAffine": mask_affine.ravel().tolist(), "imageAffine": image_affine.ravel().tolist(),
        "imageShape": image_shape, "mask": flat(nearest),
    },
}
(pathlib.Path(__file__).parent / "expected.json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
print(region.sum(), organ.sum(), count, len(lesions[0]), nearest.sum(), agreement)
