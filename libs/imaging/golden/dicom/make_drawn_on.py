"""Regions drawn on one of the volumes of a series: a segmentation by highdicom, structure sets by pydicom."""
import highdicom as hd
import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from common import CLASS, base, fresh, here, save

fresh("drawn-on")
(here / "drawn-on").mkdir()
code = hd.sr.CodedConcept("85756007", "SCT", "Tissue")
second = [pydicom.dcmread(here / f"folders/echoes/{z}-1.dcm") for z in range(3)]
inside = np.zeros((3, 3, 4), np.uint8)
inside[1, 1, 1:3] = 1
inside[2, 1, 2] = 1
description = hd.seg.SegmentDescription(1, "tumour", code, code, hd.seg.SegmentAlgorithmTypeValues.MANUAL)
seg = hd.seg.Segmentation(second, inside, hd.seg.SegmentationTypeValues.BINARY, [description], hd.UID(), 9, hd.UID(), 1,
                          "Nobody", "Model N", "1", "0")
seg.save_as(here / "drawn-on/echo-2-seg.dcm")

# --- the same without a word on what it was drawn on
del seg.ReferencedSeriesSequence
for group in [*seg.PerFrameFunctionalGroupsSequence, *seg.SharedFunctionalGroupsSequence]:
    if "DerivationImageSequence" in group:
        del group.DerivationImageSequence
seg.save_as(here / "drawn-on/silent-seg.dcm")


def item(**values):
    ds = Dataset()
    for key, value in values.items():
        setattr(ds, key, Sequence(value) if isinstance(value, list) and value and isinstance(value[0], Dataset) else value)
    return ds


def image(ds):
    return item(ReferencedSOPClassUID=ds.SOPClassUID, ReferencedSOPInstanceUID=ds.SOPInstanceUID)


def structure_set(name, listed, drawn):
    """listed: slices that were at hand; drawn: those that contours name"""
    ds = base("481.3", "RTSTRUCT", "90")
    frame, series = listed[0].FrameOfReferenceUID, listed[0].SeriesInstanceUID
    ds.StructureSetLabel, ds.StructureSetDate, ds.StructureSetTime = "1", "", ""
    ds.ReferencedFrameOfReferenceSequence = Sequence([item(FrameOfReferenceUID=frame, RTReferencedStudySequence=[item(
        ReferencedSOPClassUID=CLASS + "0", ReferencedSOPInstanceUID=listed[0].StudyInstanceUID,
        RTReferencedSeriesSequence=[item(SeriesInstanceUID=series, ContourImageSequence=[image(one) for one in listed])])])])
    ds.StructureSetROISequence = Sequence([item(ROINumber=1, ReferencedFrameOfReferenceUID=frame, ROIName="tumour")])
    contours = []
    for one in drawn:
        x, y, z = map(float, one.ImagePositionPatient)
        dy, dx = map(float, one.PixelSpacing)
        corners = [(x + i * dx, y + j * dy, z) for i, j in ((0.6, 0.6), (2.4, 0.6), (2.4, 1.4), (0.6, 1.4))]
        contours.append(item(ContourImageSequence=[image(one)], ContourGeometricType="CLOSED_PLANAR",
                             NumberOfContourPoints=4, ContourData=[v for corner in corners for v in corner]))
    ds.ROIContourSequence = Sequence([item(ReferencedROINumber=1, ContourSequence=contours)])
    save(ds, f"drawn-on/{name}.dcm")


phases = {t: [pydicom.dcmread(here / f"folders/phases/{z}-{t}.dcm") for z in range(3)] for t in (1, 2, 3)}
structure_set("phase-3-rtstruct", [one for t in phases for one in phases[t]], phases[3][1:])
