"""What the scripts of this folder share: data sets without a patient, saved by pydicom."""
import json
import pathlib
import shutil

import numpy as np
import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

here = pathlib.Path(__file__).parent
rng = np.random.default_rng(20261125)


def fresh(folder):
    shutil.rmtree(here / folder, ignore_errors=True)


def write_expected(folder, expected):
    (here / folder / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")


ROOT = "1.2.826.0.1.3680043.10.2."
CLASS = "1.2.840.10008.5.1.4.1.1."
STUDY, FRAME = ROOT + "1", ROOT + "2"
uids = 0


def uid():
    global uids
    uids += 1
    return f"{ROOT}9.{uids}"


def base(sop_class, modality, series, syntax=ExplicitVRLittleEndian):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID, meta.TransferSyntaxUID = CLASS + sop_class, uid(), syntax
    ds = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SOPClassUID, ds.SOPInstanceUID, ds.StudyInstanceUID = CLASS + sop_class, meta.MediaStorageSOPInstanceUID, STUDY
    ds.Modality, ds.Manufacturer, ds.ManufacturerModelName = modality, "Nobody", "Model N"
    ds.PatientID, ds.PatientName, ds.PatientSex, ds.PatientBirthDate = "synthetic", "Synthetic", "O", ""
    ds.StudyID, ds.StudyDate, ds.StudyTime, ds.AccessionNumber, ds.ReferringPhysicianName = "1", "", "", "", ""
    ds.SeriesInstanceUID, ds.FrameOfReferenceUID, ds.SeriesNumber = ROOT + series, FRAME, 1
    return ds


def pixels(ds, values, stored, signed, photometric="MONOCHROME2"):
    """values: rows x columns, with frames in front or colours behind"""
    allocated = 8 * values.dtype.itemsize
    colours = 3 if photometric != "MONOCHROME2" else 1
    rows, columns = values.shape[-3:-1] if colours == 3 else values.shape[-2:]
    ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PhotometricInterpretation = rows, columns, colours, photometric
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = allocated, stored, stored - 1, int(signed)
    if colours == 3:
        ds.PlanarConfiguration = 0
    ds.PixelData = values.tobytes() + b"\0" * (values.nbytes % 2)
    ds["PixelData"].VR = "OB" if allocated == 8 else "OW"
    return ds


def place(ds, z, spacing=(0.9, 0.7), orientation=(1, 0, 0, 0, 1, 0), thickness=2.5):
    ds.ImagePositionPatient, ds.ImageOrientationPatient = [-10, -20, z], list(orientation)
    ds.PixelSpacing, ds.SliceThickness, ds.InstanceNumber = list(spacing), thickness, 1
    return ds


def save(ds, name):
    path = here / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pydicom.dcmwrite(path, ds, implicit_vr=ds.file_meta.TransferSyntaxUID == ImplicitVRLittleEndian, little_endian=True,
                     enforce_file_format=True)
    return path


def smooth(shape, low, high):
    """An image with structure, as codecs expect, and some noise."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    wave = np.sin(x / 3.1) * np.cos(y / 4.3) + 0.15 * rng.standard_normal(shape)
    wave = (wave - wave.min()) / (wave.max() - wave.min())
    return np.round(low + wave * (high - low)).astype(int)


def flat(array):
    return np.asarray(array).ravel().tolist()
