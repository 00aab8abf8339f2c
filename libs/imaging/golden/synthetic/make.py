"""Writes the synthetic images of this folder and expected.json, their truth. See README.md for versions.

Every image is made of random numbers; there is no patient. Truth is computed here with NumPy, never read back.
"""
import gzip
import json
import pathlib
import shutil
import subprocess

import highdicom as hd
import nibabel as nib
import numpy as np
import pydicom
import SimpleITK as sitk
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    PositronEmissionTomographyImageStorage,
    RTStructureSetStorage,
)
from scipy import ndimage

here = pathlib.Path(__file__).parent
rng = np.random.default_rng(20240601)
expected = {}
for old in here.iterdir():
    if old.is_dir():
        shutil.rmtree(old)

# --- a CT series: 6 columns, 5 rows, 4 slices, oblique, anisotropic, 12 bits in 16 with an overlay in the upper four
shape = (6, 5, 4)


def rotation(degrees, axis):
    a = np.deg2rad(degrees)
    c, s = np.cos(a), np.sin(a)
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]] if axis == 0 else [[c, -s, 0], [s, c, 0], [0, 0, 1]])


directions = rotation(12, 0) @ rotation(7, 2)
spacing = np.array([0.7, 0.9, 2.5])  # between columns, rows, slices
origin = np.array([-31.25, 12.5, -100.0])
affine = np.eye(4)
affine[:3, :3] = directions * spacing
affine[:3, 3] = origin
stored = rng.integers(0, 4096, size=shape)
hu = stored - 1024
expected["ct"] = {"shape": shape, "affine": affine.ravel().tolist(), "voxels": hu.ravel(order="F").tolist()}
SERIES, FRAME, STUDY = "1.2.826.0.1.3680043.10.1.1", "1.2.826.0.1.3680043.10.1.2", "1.2.826.0.1.3680043.10.1.3"


def base(sop_class, uid, syntax, modality):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.MediaStorageSOPInstanceUID = uid
    meta.TransferSyntaxUID = syntax
    ds = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SOPClassUID, ds.SOPInstanceUID, ds.StudyInstanceUID = sop_class, uid, STUDY
    ds.Modality, ds.Manufacturer, ds.ManufacturerModelName = modality, "Nobody", "Model N"
    ds.PatientID, ds.PatientName, ds.PatientSex, ds.PatientBirthDate = "synthetic", "Synthetic", "O", ""
    ds.StudyID, ds.StudyDate, ds.StudyTime, ds.AccessionNumber, ds.ReferringPhysicianName = "1", "", "", "", ""
    return ds


def slice_dataset(k, syntax, matrix=affine, values=stored, sop_class=CTImageStorage, modality="CT"):
    ds = base(sop_class, f"{SERIES}.{k + 1}", syntax, modality)
    ds.SeriesInstanceUID, ds.FrameOfReferenceUID = SERIES, FRAME
    ds.SeriesNumber, ds.InstanceNumber = 1, 7 * (k + 1) % 5
    ds.ConvolutionKernel, ds.KVP, ds.SliceThickness = "B30f", "120", "1.25"
    ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PhotometricInterpretation = values.shape[1], values.shape[0], 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    ds.RescaleSlope, ds.RescaleIntercept = "1", "-1024"
    ds.PixelSpacing = [format(np.linalg.norm(matrix[:3, axis]), ".12g") for axis in (1, 0)]
    unit = matrix[:3, :2] / np.linalg.norm(matrix[:3, :2], axis=0)
    ds.ImageOrientationPatient = [format(x, ".12g") for x in unit.T.ravel()]
    ds.ImagePositionPatient = [format(x, ".12g") for x in matrix[:3, 3] + k * matrix[:3, 2]]
    words = values[:, :, k].T.astype("<u2")
    if syntax != "rle":
        words = words | 0x3000  # bits above the stored ones
    ds.PixelData = (words.astype(">u2") if syntax == ExplicitVRBigEndian else words).tobytes()
    ds["PixelData"].VR = "OW"
    return ds


def save(ds, path, implicit=False, little=True):
    path.parent.mkdir(parents=True, exist_ok=True)
    pydicom.dcmwrite(path, ds, implicit_vr=implicit, little_endian=little, enforce_file_format=True)


for name, syntax in {
    "explicit": ExplicitVRLittleEndian,
    "implicit": ImplicitVRLittleEndian,
    "big-endian": ExplicitVRBigEndian,
    "deflated": DeflatedExplicitVRLittleEndian,
}.items():
    for k in (2, 0, 3, 1):
        save(slice_dataset(k, syntax), here / "ct" / name / f"{3 * k % 4}.dcm",
             implicit=name == "implicit", little=name != "big-endian")
(here / "ct" / "rle").mkdir()
for path in (here / "ct" / "explicit").iterdir():
    subprocess.run(["dcmcrle", path, here / "ct" / "rle" / path.name], check=True)

# --- gantry tilt of 12 degrees
tilted = affine.copy()
tilted[:3, 2] = affine[:3, 2] + np.tan(np.deg2rad(12)) * 2.5 * directions[:, 1]
for k in range(3):
    save(slice_dataset(k, ExplicitVRLittleEndian, tilted), here / "ct-tilted" / f"{k}.dcm")
expected["tilted"] = tilted.ravel().tolist()

# --- PET: signed, one slope for each slice; GML
slopes = [0.5, 0.00048828125, 2.25]
pet = rng.integers(-50, 32767, size=(3, 4, 3))
for k, slope in enumerate(slopes):
    ds = slice_dataset(k, ExplicitVRLittleEndian, affine, pet, PositronEmissionTomographyImageStorage, "PT")
    ds.BitsStored, ds.HighBit, ds.PixelRepresentation, ds.Units = 16, 15, 1, "GML"
    ds.RescaleSlope, ds.RescaleIntercept = str(slope), "0"
    ds.PixelData = pet[:, :, k].T.astype("<i2").tobytes()
    save(ds, here / "pet" / f"{k}.dcm")
expected["pet"] = (pet * np.array(slopes)).ravel(order="F").tolist()

# --- a binary SEG by highdicom: two segments, empty frames left out
masks = {1: rng.random(shape) < 0.4, 2: np.zeros(shape, bool)}
masks[2][1:4, 2, 1] = True
masks[1][:, :, 3] = False
sources = [pydicom.dcmread(here / "ct" / "explicit" / f"{3 * k % 4}.dcm") for k in range(4)]


def describe(number, label):
    code = hd.sr.CodedConcept("85756007", "SCT", "Tissue")
    return hd.seg.SegmentDescription(number, label, code, code, hd.seg.SegmentAlgorithmTypeValues.MANUAL)


pixels = np.stack([masks[n].transpose(2, 1, 0) for n in (1, 2)], axis=-1).astype(np.uint8)
seg = hd.seg.Segmentation(
    sources, pixels, hd.seg.SegmentationTypeValues.BINARY, [describe(1, "liver"), describe(2, "tumour")],
    SERIES + ".90", 9, SERIES + ".91", 1, "Nobody", "Model N", "1", "0", omit_empty_frames=True,
)
seg.save_as(here / "seg.dcm")
expected["seg"] = {str(n): m.astype(int).ravel(order="F").tolist() for n, m in masks.items()}
fractional = hd.seg.Segmentation(
    sources, masks[1].transpose(2, 1, 0).astype(np.float32), hd.seg.SegmentationTypeValues.FRACTIONAL,
    [describe(1, "liver")], SERIES + ".92", 9, SERIES + ".93", 1, "Nobody", "Model N", "1", "0",
)
fractional.save_as(here / "seg-fractional.dcm")

# --- an RTSTRUCT: a ring on slice 1 (inner contour a hole), a keyhole on slice 2; others that must be refused


def contour(points, kind="CLOSED_PLANAR"):
    item = Dataset()
    item.ContourGeometricType, item.NumberOfContourPoints = kind, len(points)
    world = [affine[:3, :3] @ np.array(p) + affine[:3, 3] for p in points]
    item.ContourData = [format(x, ".10g") for p in world for x in p]
    return item


def box(i0, j0, i1, j1, k):
    return [(i0, j0, k), (i1, j0, k), (i1, j1, k), (i0, j1, k)]


rois = [
    ("ring", [contour(box(-0.4, -0.4, 5.4, 4.4, 1)), contour(box(1.5, 1.5, 3.5, 2.5, 1)),
              contour(box(0.5, 0.5, 4.5, 3.5, 2) + [(0.5, 0.5, 2), (1.5, 1.5, 2), (1.5, 2.5, 2), (2.5, 2.5, 2), (2.5, 1.5, 2), (1.5, 1.5, 2)])]),
    ("triangle", [contour([(0.2, 0.3, 0), (4.9, 0.6, 0), (1.7, 3.8, 0)])]),
    ("between", [contour(box(0.5, 0.5, 3.5, 3.5, 1.4))]),
    ("outside", [contour(box(0.5, 0.5, 3.5, 3.5, 7))]),
    ("points", [contour([(1, 1, 1)], "POINT")]),
    ("nothing", []),
]
rt = base(RTStructureSetStorage, SERIES + ".95", ImplicitVRLittleEndian, "RTSTRUCT")
rt.SpecificCharacterSet = "ISO_IR 192"
rt.SeriesInstanceUID, rt.StructureSetLabel = SERIES + ".96", "synthetic"
rt.StructureSetROISequence, rt.ROIContourSequence = Sequence(), Sequence()
for number, (name, contours) in enumerate(rois, 1):
    item = Dataset()
    item.ROINumber, item.ROIName, item.ReferencedFrameOfReferenceUID = number, name, FRAME
    rt.StructureSetROISequence.append(item)
    item = Dataset()
    item.ReferencedROINumber = number
    item.ContourSequence = Sequence(contours)
    rt.ROIContourSequence.append(item)
save(rt, here / "rtstruct.dcm", implicit=True)
ring = np.zeros(shape, int)
ring[:, :, 1] = 1
ring[2:4, 2, 1] = 0
ring[1:5, 1:4, 2] = 1
ring[2, 2, 2] = 0
triangle = np.zeros(shape, int)
a, b, c = np.array([0.2, 0.3]), np.array([4.9, 0.6]), np.array([1.7, 3.8])
for i in range(6):
    for j in range(5):
        p = np.array([i, j])
        signs = [np.cross(np.append(v - u, 0), np.append(p - u, 0))[2] > 0 for u, v in ((a, b), (b, c), (c, a))]
        triangle[i, j, 0] = all(signs)
expected["rtstruct"] = {"ring": ring.ravel(order="F").tolist(), "triangle": triangle.ravel(order="F").tolist()}

# --- NIfTI by nibabel, NRRD by SimpleITK: the same oblique grid, in types, orders and scalings
nii = here / "nifti"
nii.mkdir()
ras = np.diag([-1, -1, 1, 1]) @ affine
small = rng.integers(-300, 300, size=shape)
expected["nifti"] = {"shape": shape, "affine": affine.ravel().tolist(), "voxels": small.ravel(order="F").tolist()}


def nifti(name, dtype, header=nib.Nifti1Header, endian="<", sform=True, qform=True, image=small, slope=None):
    h = header(endianness=endian)
    h.set_data_dtype(np.dtype(dtype).newbyteorder(endian))
    kind = nib.Nifti2Image if header is nib.Nifti2Header else nib.Nifti1Image
    img = kind(image.astype(dtype), None, header=h)
    img.header.set_sform(ras if sform else None, 1 if sform else 0)
    img.header.set_qform(ras if qform else None, 1 if qform else 0)
    if slope:
        img.header.set_slope_inter(*slope)
    nib.save(img, nii / name)


nifti("int16-sform.nii.gz", np.int16, qform=False)
nifti("int16-qform.nii", np.int16, sform=False)
nifti("float32-big.nii", np.float32, endian=">")
nifti("float64-nifti2.nii", np.float64, header=nib.Nifti2Header)
nifti("int64-nifti2-big.nii.gz", np.int64, header=nib.Nifti2Header, endian=">")
nifti("uint16.nii.gz", np.uint16, image=np.abs(small))
nifti("no-geometry.nii", np.int16, sform=False, qform=False)
nifti("4d.nii.gz", np.int16, image=np.stack([small, small + 1], axis=3))
mirrored = ras.copy()
mirrored[:, 2] *= -1
h = nib.Nifti1Image(small.astype(np.int16), None)
h.header.set_qform(mirrored, 1)
h.header.set_sform(None, 0)
nib.save(h, nii / "left-handed-qform.nii")
m = mirrored.copy()
m[:2] *= -1
expected["leftHanded"] = m.ravel().tolist()
shifted = ras.copy()
shifted[0, 3] += 3
h = nib.Nifti1Image(small.astype(np.int16), None)
h.header.set_sform(ras, 1)
h.header.set_qform(shifted, 1)
nib.save(h, nii / "forms-differ.nii")
scaled = nib.Nifti1Image(np.zeros(shape, np.float32), ras)
scaled.header.set_data_dtype(np.int16)
scaled.header.set_slope_inter(0.25, -10)
raw = bytearray(gzip.compress(b""))
scaled = nib.Nifti1Image(small.astype(np.int16), ras)
path = nii / "scaled.nii"
nib.save(scaled, path)
data = bytearray(path.read_bytes())
data[112:120] = np.array([0.25, -10], "<f4").tobytes()
path.write_bytes(bytes(data))

nrrd = here / "nrrd"
nrrd.mkdir()


def write_nrrd(name, dtype, compress):
    img = sitk.GetImageFromArray(small.transpose(2, 1, 0).astype(dtype))
    img.SetSpacing(spacing.tolist())
    img.SetDirection(directions.ravel().tolist())
    img.SetOrigin(origin.tolist())
    sitk.WriteImage(img, str(nrrd / name), compress)


write_nrrd("int16.nrrd", np.int16, False)
write_nrrd("float64-gzip.nrrd", np.float64, True)
write_nrrd("int32.nrrd", np.int32, False)
lines = (nrrd / "int16.nrrd").read_bytes().split(b"\n\n", 1)
header = lines[0].decode()
flip = np.diag([-1, -1, 1])
d = (flip @ (directions * spacing)).T
o = flip @ origin
vector = lambda v: "(" + ",".join(repr(float(x)) for x in v) + ")"
header = header.replace("left-posterior-superior", "right-anterior-superior")
header = "\n".join(
    "space directions: " + " ".join(map(vector, d)) if l.startswith("space directions")
    else "space origin: " + vector(o) if l.startswith("space origin")
    else "endian: big" if l.startswith("endian") else l
    for l in header.split("\n")
)
(nrrd / "ras-big.nrrd").write_bytes(header.encode() + b"\n\n" + small.ravel(order="F").astype(">i2").tobytes())

# --- resampling by scipy.ndimage.map_coordinates, mode nearest
size = np.array([9, 8, 7])
image = rng.integers(-1000, 1000, size=size).astype(float)
region = (ndimage.gaussian_filter(rng.random(size), 1) > 0.5).astype(float)
cases = []
for wanted in ([2.0, 2.0, 2.0], [0.7, 1.3, 3.1], [1.0, 1.0, None]):
    old = np.array([1.25, 1.0, 3.0])
    new = np.array([o if w is None else w for o, w in zip(old, wanted)])
    n = np.ceil(np.round(size * old / new, 6)).astype(int)
    start = (size - 1 - new / old * (n - 1)) / 2
    grid = np.meshgrid(*[s + np.arange(c) * w / o for s, c, w, o in zip(start, n, new, old)], indexing="ij")
    case = {"spacing": wanted, "shape": n.tolist(), "start": start.tolist()}
    for method, order in (("linear", 1), ("cubic", 3)):
        values = ndimage.map_coordinates(image, grid, order=order, mode="nearest")
        case[method] = [float(format(v, ".10g")) for v in values.ravel(order="F")]
    part = ndimage.map_coordinates(region, grid, order=1, mode="nearest")
    case["mask"] = (np.round(part, 6) >= 0.5).astype(int).ravel(order="F").tolist()
    cases.append(case)
expected["resample"] = {
    "shape": size.tolist(), "spacing": [1.25, 1.0, 3.0], "image": image.ravel(order="F").tolist(),
    "region": region.astype(int).ravel(order="F").tolist(), "cases": cases,
}
(here / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")
