"""Writes small NRRD files in many forms by pynrrd and SimpleITK, and expected.json, their truth. See README.md."""
import gzip
import json
import pathlib

import nrrd
import numpy as np
import SimpleITK as sitk

here = pathlib.Path(__file__).parent
rng = np.random.default_rng(20250302)
shape = (5, 4, 3)
voxels = rng.integers(-3000, 3000, size=shape).astype(np.int16)
other = rng.integers(-3000, 3000, size=shape).astype(np.int16)
a = np.deg2rad(9)
turn = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
directions, origin = (turn * [0.7, 0.9, 2.5]).T, np.array([-31.25, 12.5, -100.0])
header = {"space": "left-posterior-superior", "space directions": directions, "space origin": origin}
unit = {**header, "space units": ["mm", "mm", "mm"]}


def flat(array):
    return array.ravel(order="F").tolist()


nrrd.write(str(here / "raw.nhdr"), voxels, {**header, "encoding": "raw"}, detached_header=True)
nrrd.write(str(here / "gzip.nhdr"), voxels, {**header, "encoding": "gzip"}, detached_header=True)
nrrd.write(str(here / "text.nrrd"), voxels, {**unit, "encoding": "ascii"})
nrrd.write(str(here / "text-double.nrrd"), voxels / 7, {**header, "encoding": "txt"})
nrrd.write(str(here / "gzip-uint64.nrrd"), np.abs(voxels).astype(np.uint64), {**header, "encoding": "gzip"})
none = np.full((1, 3), np.nan)
nrrd.write(str(here / "list-last.nrrd"), np.stack([voxels, other], axis=3),
           {**header, "space directions": np.vstack([directions, none]), "encoding": "gzip"})
nrrd.write(str(here / "list-first.nrrd"), np.stack([voxels, other], axis=0),
           {**header, "space directions": np.vstack([none, directions]), "encoding": "raw", "endian": "big"})
nrrd.write(str(here / "text-list.nrrd"), np.stack([voxels, other], axis=0),
           {**header, "space directions": np.vstack([none, directions]), "encoding": "ascii"})
image = sitk.GetImageFromArray(voxels.transpose(2, 1, 0))
image.SetSpacing([0.7, 0.9, 2.5])
image.SetDirection(turn.ravel().tolist())
image.SetOrigin(origin.tolist())
sitk.WriteImage(image, str(here / "itk.nhdr"), True)
for path in [*here.glob("*.nrrd"), *here.glob("*.nhdr")]:  # comments hold the day
    head, *rest = path.read_bytes().split(b"\n\n", 1)
    head = b"\n".join(line for line in head.split(b"\n") if not line.startswith(b"#"))
    path.write_bytes(b"\n\n".join([head, *rest]))

# Skips are written by no program: the header is edited by hand, and both libraries must read it as intended.
words = [line for line in (here / "raw.nhdr").read_text().split("\n") if line and not line.startswith(("#", "data file"))]
data = voxels.ravel(order="F").tobytes()
for name, extra, body in (
    ("skip-lines", ["line skip: 2", "byte skip: 5"], b"a line\nanother\n12345" + data),
    ("skip-to-end", ["byte skip: -1"], b"any number of bytes, \n with line ends\n" + data),
):
    (here / f"{name}.raw").write_bytes(body)
    (here / f"{name}.nhdr").write_text("\n".join(words + extra + [f"data file: {name}.raw"]) + "\n")
    assert (nrrd.read(str(here / f"{name}.nhdr"))[0] == voxels).all(), name
    assert (sitk.GetArrayFromImage(sitk.ReadImage(str(here / f"{name}.nhdr"))).transpose(2, 1, 0) == voxels).all(), name
# pynrrd skips bytes of the packed stream too; teem, which ITK reads by and which defined the format, unpacked ones only.
for name, skip, before in (("skip-gzip", 7, b"7 bytes"), ("skip-gzip-to-end", -1, b"some bytes")):
    gz = [w.replace("encoding: raw", "encoding: gzip") for w in words] + ["line skip: 1", f"byte skip: {skip}"]
    packed = b"one line\n" + gzip.compress(before + data, mtime=0)
    (here / f"{name}.nrrd").write_bytes(("\n".join(gz) + "\n\n").encode() + packed)
    assert (sitk.GetArrayFromImage(sitk.ReadImage(str(here / f"{name}.nrrd"))).transpose(2, 1, 0) == voxels).all(), name

affine = np.eye(4)
affine[:3, :3], affine[:3, 3] = directions.T, origin
(here / "expected.json").write_text(json.dumps({
    "shape": shape, "affine": affine.ravel().tolist(), "voxels": flat(voxels), "other": flat(other),
}, separators=(",", ":")) + "\n")
