"""Fractional and label map segmentations by highdicom, on the grid of their image, on a coarser and on a turned one."""
import subprocess

import highdicom as hd
import numpy as np
import pydicom
from pydicom.uid import ExplicitVRLittleEndian, RLELossless

from common import base, flat, fresh, here, pixels, place, rng, save, write_expected

fresh("regions")
SHAPE = (6, 5, 4)  # columns, rows, slices
for k in range(SHAPE[2]):
    ds = place(base("2", "CT", "40"), 2.5 * k)
    pixels(ds, rng.integers(0, 4095, size=SHAPE[1::-1]).astype("<u2"), 12, False)
    ds.RescaleSlope, ds.RescaleIntercept, ds.InstanceNumber = 1, -1024, k + 1
    save(ds, f"regions/ct/{k}.dcm")
sources = [pydicom.dcmread(here / f"regions/ct/{k}.dcm") for k in range(SHAPE[2])]
code = hd.sr.CodedConcept("85756007", "SCT", "Tissue")
expected = {}


def describe(number, label):
    return hd.seg.SegmentDescription(number, label, code, code, hd.seg.SegmentAlgorithmTypeValues.MANUAL)


def segmentation(name, array, kind, labels, images=sources, **options):
    seg = hd.seg.Segmentation(
        images, array, kind, [describe(n, label) for n, label in labels.items()], hd.UID(), 9, hd.UID(), 1, "Nobody", "Model N",
        "1", "0", **options)
    seg.save_as(here / f"regions/{name}.dcm")


FRACTIONAL, LABELMAP, BINARY = (getattr(hd.seg.SegmentationTypeValues, n) for n in ("FRACTIONAL", "LABELMAP", "BINARY"))
# Frames are slices x rows x columns.
fractions = np.round(rng.random(SHAPE[::-1]) * 200) / 200
fractions[1] = 0  # left out
segmentation("fractional", fractions, FRACTIONAL, {1: "liver"}, max_fractional_value=200)
expected["fractional"] = flat(fractions)
labels = rng.integers(0, 4, size=SHAPE[::-1]).astype(np.uint8)
labels[2] = 0
names = {1: "liver", 2: "tumour", 3: "vessel"}
segmentation("labelmap", labels, LABELMAP, names)
segmentation("labelmap-rle", labels, LABELMAP, names, transfer_syntax_uid=RLELossless)
wide = labels.astype(np.uint16)
wide[wide == 3] = 700
segmentation("labelmap-16", wide, LABELMAP, {1: "liver", 2: "tumour", 700: "vessel"})
expected["labels"] = flat(labels)
subprocess.run(["dcmcjpls", here / "regions/labelmap.dcm", here / "regions/labelmap-jpeg-ls.dcm"], check=True)

# --- drawn on another series of the same patient: pixels twice as wide, slices twice as far apart, and off by half a voxel
coarse_images = []
for k in range(2):
    ds = place(base("2", "CT", "41"), 1.25 + 5.0 * k, spacing=(1.8, 1.4), thickness=5)
    ds.ImagePositionPatient = [-10 + 0.35, -20 + 0.45, 1.25 + 5.0 * k]
    pixels(ds, rng.integers(0, 4095, size=(4, 4)).astype("<u2"), 12, False)
    ds.RescaleSlope, ds.RescaleIntercept, ds.InstanceNumber = 1, -1024, k + 1
    coarse_images.append(ds)
coarse = rng.integers(0, 2, size=(2, 4, 4)).astype(np.uint8)
segmentation("coarse", coarse, BINARY, {1: "liver"}, images=coarse_images)
# Each coarse voxel covers two of the image's along every axis; some lie beyond the image.
fine = coarse.repeat(2, axis=0).repeat(2, axis=1).repeat(2, axis=2)[:, :5, :6]
expected["coarseOnImage"] = flat(fine)
expected["coarse"] = flat(coarse)

# --- the same voxels cut the other way: sagittal frames from right to left
sagittal_images = []
for i in range(SHAPE[0]):
    ds = base("2", "CT", "42")
    place(ds, 0, spacing=(2.5, 0.9), orientation=(0, 1, 0, 0, 0, 1), thickness=0.7)
    ds.ImagePositionPatient = [-10 + 0.7 * i, -20, 0]
    pixels(ds, rng.integers(0, 4095, size=(SHAPE[2], SHAPE[1])).astype("<u2"), 12, False)
    ds.RescaleSlope, ds.RescaleIntercept, ds.InstanceNumber = 1, -1024, i + 1
    sagittal_images.append(ds)
region = rng.integers(0, 2, size=SHAPE[::-1]).astype(np.uint8)
segmentation("sagittal", region.transpose(2, 0, 1), BINARY, {1: "liver"}, images=sagittal_images)
expected["sagittal"] = flat(region)
write_expected("regions", expected)
