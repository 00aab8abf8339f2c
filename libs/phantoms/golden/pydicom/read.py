"""Reads the two golden patients with pydicom and numpy and prints what they hold: python read.py FOLDER > expected.json"""

import glob
import hashlib
import json
import sys

import numpy as np
import pydicom


def even_odd(polygons, rows, columns):
    """Pixel-centre rule, polygons as (n, 2) arrays of column and row."""
    inside = np.zeros((rows, columns), bool)
    jj, ii = np.mgrid[:rows, :columns].astype(float)
    for polygon in polygons:
        for (x0, y0), (x1, y1) in zip(polygon, np.roll(polygon, -1, axis=0)):
            spans = (y0 > jj) != (y1 > jj)
            with np.errstate(divide="ignore", invalid="ignore"):
                inside ^= spans & (ii < x0 + (jj - y0) * (x1 - x0) / (y1 - y0))
    return inside


def digest_of_files(folder):
    digest = hashlib.sha256()
    for name in sorted(glob.glob(f"{folder}/*/*/*.dcm")):
        with open(name, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def read_patient(folder):
    slices = [pydicom.dcmread(name) for name in glob.glob(f"{folder}/*/ct/*.dcm")]
    slices.sort(key=lambda d: float(d.ImagePositionPatient[2]))
    hu = np.stack([d.pixel_array * float(d.RescaleSlope) + float(d.RescaleIntercept) for d in slices])
    first = slices[0]
    z = np.array([float(d.ImagePositionPatient[2]) for d in slices])
    mask = np.zeros(hu.shape, np.uint8)
    roi = pydicom.dcmread(glob.glob(f"{folder}/*/roi/*.dcm")[0])
    if roi.Modality == "SEG":
        label = str(roi.SegmentSequence[0].SegmentLabel)
        for frame, groups in zip(roi.pixel_array, roi.PerFrameFunctionalGroupsSequence):
            position = float(groups.PlanePositionSequence[0].ImagePositionPatient[2])
            mask[int(np.argmin(np.abs(z - position)))] = frame
    else:
        label = str(roi.StructureSetROISequence[0].ROIName)
        x0, y0 = (float(v) for v in first.ImagePositionPatient[:2])
        spacing = float(first.PixelSpacing[0])
        planes = {}
        for contour in roi.ROIContourSequence[0].ContourSequence:
            points = np.array([float(v) for v in contour.ContourData]).reshape(-1, 3)
            planes.setdefault(int(np.argmin(np.abs(z - points[0, 2]))), []).append((points[:, :2] - [x0, y0]) / spacing)
        for k, polygons in planes.items():
            mask[k] = even_odd(polygons, first.Rows, first.Columns)
    return {
        "filesSha256": digest_of_files(folder),
        "shape": [int(first.Columns), int(first.Rows), len(slices)],
        "origin": [float(v) for v in first.ImagePositionPatient],
        "spacing": [float(first.PixelSpacing[1]), float(first.PixelSpacing[0]), float(z[1] - z[0])],
        "huSha256": hashlib.sha256(hu.astype("<i2").tobytes()).hexdigest(),
        "huMean": float(hu.mean()),
        "roi": str(roi.Modality),
        "label": label,
        "maskVoxels": int(mask.sum()),
        "maskSha256": hashlib.sha256(mask.tobytes()).hexdigest(),
        "tumourMean": float(hu[mask == 1].mean()),
        "manufacturer": str(first.Manufacturer),
        "model": str(first.ManufacturerModelName),
        "kernel": str(first.ConvolutionKernel),
        "kvp": float(first.KVP),
        "sliceThickness": float(first.SliceThickness),
        "institution": str(first.InstitutionName),
        "patientName": str(first.PatientName),
        "birthDate": str(first.PatientBirthDate),
        "privateNote": str(first[0x0029, 0x1001].value),
        "sharesFrameOfReference": bool(
            (roi.FrameOfReferenceUID == first.FrameOfReferenceUID) and (roi.StudyInstanceUID == first.StudyInstanceUID)
        ),
    }


if __name__ == "__main__":
    root = sys.argv[1]
    cases = {site: read_patient(f"{root}/{site}") for site in ("site-a", "site-b")}
    print(json.dumps({"pydicom": pydicom.__version__, "numpy": np.__version__, "cases": cases}, indent=2, ensure_ascii=False))
