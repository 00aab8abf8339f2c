"""Enhanced multi-frame objects, folders of several volumes, what is no cross-section, and ultrasound."""
import subprocess

import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from common import base, fresh, flat, here, pixels, place, rng, save, write_expected

for folder in ("enhanced", "folders", "kinds", "ultrasound"):
    fresh(folder)
(here / "enhanced").mkdir()
truth = {}


def item(**values):
    ds = Dataset()
    for key, value in values.items():
        setattr(ds, key, value)
    return ds


def seq(**values):
    return Sequence([item(**values)])


# --- enhanced: frames in any order, each with its own rescale; pydicom's array is the truth, frame by frame
def enhanced(name, sop_class, modality, frames, shared=None, signed=True, change=None):
    """frames: (z, slope, intercept, further groups)"""
    ds = base(sop_class, modality, f"30.{sum(map(ord, name))}")
    values = rng.integers(-1000, 1000, size=(len(frames), 3, 4)).astype("<i2")
    pixels(ds, values, 16, signed)
    ds.NumberOfFrames, ds.InstanceNumber = len(frames), 1
    groups = Dataset()
    groups.PixelMeasuresSequence = seq(PixelSpacing=[0.9, 0.7], SliceThickness=5, SpacingBetweenSlices=2.5)
    groups.PlaneOrientationSequence = seq(ImageOrientationPatient=[1, 0, 0, 0, 0.6, 0.8])
    for key, value in (shared or {}).items():
        setattr(groups, key, value)
    ds.SharedFunctionalGroupsSequence = Sequence([groups])
    per_frame = []
    for z, slope, intercept, further in frames:
        frame = Dataset()
        # along the normal of the oblique plane
        frame.PlanePositionSequence = seq(ImagePositionPatient=[-10, round(-20 - 0.8 * z, 6), round(0.6 * z, 6)])
        frame.PixelValueTransformationSequence = seq(RescaleSlope=slope, RescaleIntercept=intercept, RescaleType="US")
        for key, value in further.items():
            setattr(frame, key, value)
        per_frame.append(frame)
    ds.PerFrameFunctionalGroupsSequence = Sequence(per_frame)
    if change:
        change(ds)
    path = save(ds, f"enhanced/{name}.dcm")
    array = pydicom.dcmread(path).pixel_array.astype(float)
    scaled = [frame * slope + intercept for frame, (_, slope, intercept, _) in zip(array, frames)]
    truth[name] = [{"z": z, "values": flat(frame)} for frame, (z, *_) in zip(scaled, frames)]
    return path


CT = dict(CTReconstructionSequence=seq(ConvolutionKernel="B31s"), CTXRayDetailsSequence=seq(KVP=110.0))
enhanced("ct", "2.1", "CT", [(5, 1, -1024, {}), (0, 1, -1024, {}), (7.5, 2, -1000, {}), (2.5, 1, -1024, {})], CT)
enhanced("ct-gap", "2.1", "CT", [(5, 1, 0, {}), (0, 1, 0, {}), (10, 1, 0, {}), (2.5, 1, 0, {})], CT)


def echo(time, temporal, stack="1"):
    return dict(
        MREchoSequence=seq(EffectiveEchoTime=float(time)),
        FrameContentSequence=seq(StackID=stack, TemporalPositionIndex=temporal, DimensionIndexValues=[1]),
    )


enhanced("mr-echoes", "4.1", "MR", [(z, 1, 0, echo(time, t)) for z in (0, 5, 2.5) for time in (2.3, 4.6) for t in (1, 2)])
enhanced("mr-stacks", "4.1", "MR", [(z + shift, 1, 0, echo(1, 1, stack)) for z in (0, 2.5) for stack, shift in (("1", 0), ("2", 0))])
enhanced("mr-b", "4.1", "MR", [(z, 1, 0, dict(MRDiffusionSequence=seq(DiffusionBValue=float(b)))) for b in (0, 800) for z in (0, 2.5)])


def activity(ds):
    ds.DecayCorrected, ds.AttenuationCorrected, ds.DecayCorrectionDateTime = "YES", "YES", "20200229110130"
    ds.PatientWeight = "80"
    ds.RadiopharmaceuticalInformationSequence = seq(
        RadionuclideTotalDose=3.2e8, RadionuclideHalfLife=6586.2, RadiopharmaceuticalStartDateTime="20200229094143.8")
    # 4786.2 s later: 6586.2 s half-life


unit = seq(CodeValue="Bq/ml", CodingSchemeDesignator="UCUM", CodeMeaning="Becquerels/milliliter")
enhanced("pet", "128.1", "PT", [(2.5, 0.5, 0, {}), (0, 1.5, 0, {})],
         dict(RealWorldValueMappingSequence=seq(MeasurementUnitsCodeSequence=unit)), change=activity)
for tool, number in (("rle", "dcmcrle"), ("jpeg-ls", "dcmcjpls")):
    subprocess.run([number, here / "enhanced/ct.dcm", here / f"enhanced/ct-{tool}.dcm"], check=True)
subprocess.run(["dcmcjpls", "+fs", "1", here / "enhanced/ct.dcm", here / "enhanced/ct-fragments.dcm"], check=True)


def broken(ds):
    ds.NumberOfFrames = 3


def lie(name, change):
    ds = pydicom.dcmread(here / "enhanced/ct.dcm")
    change(ds)
    save(ds, f"enhanced/{name}.dcm")


def one_group_less(ds):
    del ds.PerFrameFunctionalGroupsSequence[3]


lie("ct-group-missing", one_group_less)
lie("ct-no-position", lambda ds: delattr(ds.PerFrameFunctionalGroupsSequence[2], "PlanePositionSequence"))
lie("ct-not-enhanced", lambda ds: (delattr(ds, "PerFrameFunctionalGroupsSequence"), delattr(ds, "SharedFunctionalGroupsSequence")))
write_expected("enhanced", truth)


# --- a folder with several volumes in one series
def mr(name, z, change=None, **values):
    ds = place(base("4", "MR", f"31.{sum(map(ord, name.split('/')[0]))}"), z)
    pixels(ds, rng.integers(0, 1000, size=(3, 4)).astype("<u2"), 12, False)
    for key, value in values.items():
        setattr(ds, key, value)
    if change:
        change(ds)
    save(ds, f"folders/{name}.dcm")


for z in range(3):
    for n, time in enumerate(("2.3", "4.6")):
        mr(f"echoes/{z}-{n}", 3 * z, EchoTime=time, ImageType=["ORIGINAL", "PRIMARY", "M"])
    for n, kind in enumerate(("M", "P")):
        mr(f"parts/{z}-{n}", 3 * z, ImageType=["ORIGINAL", "PRIMARY", kind])
    for t in (1, 2, 3):
        mr(f"phases/{z}-{t}", 3 * z, TemporalPositionIdentifier=t, AcquisitionNumber=t)
        mr(f"acquisitions/{z}-{t}", 3 * z, AcquisitionNumber=t)
        mr(f"triggers/{z}-{t}", 3 * z, TriggerTime=40 * t)

    def siemens(ds, b):
        ds.private_block(0x0019, "SIEMENS MR HEADER", create=True).add_new(0x0C, "IS", str(b))

    def ge(ds, b):
        ds.private_block(0x0043, "GEMS_PARM_01", create=True).add_new(0x39, "IS", [str(b), "8", "0", "0"])

    for b in (0, 50, 800):
        mr(f"siemens-b/{z}-{b}", 3 * z, lambda ds: siemens(ds, b))
        mr(f"ge-b/{z}-{b}", 3 * z, lambda ds: ge(ds, b))
        mr(f"b/{z}-{b}", 3 * z, lambda ds: setattr(ds, "DiffusionBValue", float(b)))
    # One volume, though a fact alternates from slice to slice.
    mr(f"alternating/{z}", 3 * z, ImageType=["ORIGINAL", "PRIMARY", "M" if z % 2 else "P"], AcquisitionNumber=z)
    mr(f"localizer/{z}", 3 * z)
    mr(f"localizer/coronal-{z}", 0, lambda ds: (setattr(ds, "ImageOrientationPatient", [1, 0, 0, 0, 0, -1]),
                                               setattr(ds, "ImagePositionPatient", [-10, 3 * z, 20])))
    mr(f"localizer/large-{z}", 3 * z, lambda ds: pixels(ds, rng.integers(0, 1000, size=(5, 4)).astype("<u2"), 12, False))


# --- what is no cross-section of a patient
for name, sop_class, modality in (
    ("cr", "1", "CR"), ("dx", "1.1", "DX"), ("mg", "1.2", "MG"), ("tomosynthesis", "13.1.3", "MG"), ("xa", "12.1", "XA"),
    ("rf", "12.2", "RF"), ("xa-enhanced", "12.1.1", "XA"), ("nm", "20", "NM"), ("parametric-map", "30", "MR"),
):
    ds = base(sop_class, modality, "32")
    pixels(ds, rng.integers(0, 1000, size=(3, 4)).astype("<u2"), 12, False)
    if name == "nm":
        place(ds, 0)
    save(ds, f"kinds/{name}.dcm")
ds = pixels(place(base("4", "MR", "32"), 0), rng.integers(0, 1000, size=(3, 4)).astype("<u2"), 12, False)
ds.ModalityLUTSequence = seq(LUTDescriptor=[2, 0, 16], ModalityLUTType="US", LUTData=b"\1\0\2\0")
save(ds, "kinds/lookup-table.dcm")
ds = pixels(place(base("4", "MR", "32"), 0), rng.integers(0, 255, size=(3, 4, 3)).astype("u1"), 8, False, "RGB")
save(ds, "kinds/colour.dcm")

# --- ultrasound: two frames, grey as RGB and in other spellings; then coloured
clips = {}


def region(x=0.031, y=0.042, kind=1, units=3):
    ds = Dataset()
    ds.RegionSpatialFormat, ds.RegionDataType, ds.RegionFlags = 1, kind, 0
    ds.RegionLocationMinX0, ds.RegionLocationMinY0, ds.RegionLocationMaxX1, ds.RegionLocationMaxY1 = 1, 2, 14, 10
    ds.PhysicalUnitsXDirection, ds.PhysicalUnitsYDirection, ds.PhysicalDeltaX, ds.PhysicalDeltaY = units, units, x, y
    return ds


def clip(name, frames, photometric="RGB", regions=(region(),), change=None):
    ds = base("3.1" if frames.ndim == 4 or photometric.startswith("MONO") else "6.1", "US", "33")
    del ds.FrameOfReferenceUID
    pixels(ds, frames, 8, False, photometric) if photometric != "MONOCHROME1" else pixels(ds, frames, 8, False)
    ds.PhotometricInterpretation = photometric
    if frames.ndim == 4 or (frames.ndim == 3 and photometric.startswith("MONO")):
        ds.NumberOfFrames = len(frames)
        ds.FrameTime, ds.FrameIncrementPointer = "66.6", 0x00181063
    if regions:
        ds.SequenceOfUltrasoundRegions = Sequence(list(regions))
    if change:
        change(ds)
    path = save(ds, f"ultrasound/{name}.dcm")
    clips[name] = flat(pydicom.dcmread(path).pixel_array)
    return path


y, x = np.mgrid[:12, :16]
grey = np.stack([(8 * x + 5 * y + 20) % 256, (250 - 9 * x - 3 * y) % 256]).astype("u1")
rgb = np.repeat(grey[..., None], 3, axis=-1)
clips["grey"] = flat(grey)
native = clip("rgb", rgb)
clip("mono2", grey, "MONOCHROME2")
clip("mono1", (255 - grey), "MONOCHROME1")
ybr = np.stack([grey, np.full_like(grey, 128), np.full_like(grey, 128)], axis=-1)
clip("ybr", ybr, "YBR_FULL")


def planar(ds):
    ds.PlanarConfiguration = 1
    ds.PixelData = rgb.transpose(0, 3, 1, 2).tobytes()


clip("planar", rgb, change=planar)
coloured = rgb.copy()
coloured[1, 3, 4] = (200, 30, 40)
coloured[0, 5, 6] = (10, 250, 90)
colour = clip("coloured", coloured)
clip("single", rgb[0], regions=[])
clip("single-calibrated", rgb[0])
clip("two-sizes", rgb, regions=[region(), region(0.05)])
clip("two-alike", rgb, regions=[region(), region(), region(0.5, 0.1, kind=2), region(1, 1, kind=3, units=4)])
clip("pixel-spacing", rgb, regions=[], change=lambda ds: setattr(ds, "PixelSpacing", [0.5, 0.25]))
clip("vector", rgb, change=lambda ds: (delattr(ds, "FrameTime"), setattr(ds, "FrameTimeVector", ["0", "40.5"])))
clip("rate", rgb, change=lambda ds: (delattr(ds, "FrameTime"), setattr(ds, "CineRate", "25")))
clip("no-time", rgb, change=lambda ds: delattr(ds, "FrameTime"))


def palette(ds):
    ds.PhotometricInterpretation = "PALETTE COLOR"
    for name in ("Red", "Green", "Blue"):
        setattr(ds, f"{name}PaletteColorLookupTableDescriptor", [256, 0, 8])
        setattr(ds, f"{name}PaletteColorLookupTableData", bytes(range(256)))


clip("palette", grey, "MONOCHROME2", change=palette)


def tool(command, name, source=native):
    path = here / f"ultrasound/{name}.dcm"
    subprocess.run([*command, source, path], check=True)
    clips[name] = flat(pydicom.dcmread(path).pixel_array)


tool(["dcmcrle"], "rle")
tool(["dcmcjpeg", "+e1"], "jpeg-lossless")
tool(["dcmcjpls", "+il"], "jpeg-ls-line")
tool(["dcmcjpls", "+is"], "jpeg-ls-sample")
tool(["dcmcjpls", "+in"], "jpeg-ls-plane")
tool(["gdcmconv", "--j2k"], "jpeg-2000")
tool(["dcmcjpeg", "+eb", "+q", "95"], "jpeg-grey")
tool(["dcmcjpeg", "+eb", "+q", "95", "+s4"], "jpeg-coloured", colour)
# pydicom leaves JPEG's YBR as it is: its first channel is the luminance
clips["jpeg-coloured"] = flat(pydicom.pixels.pixel_array(here / "ultrasound/jpeg-coloured.dcm", raw=True)[..., 0])
clips["jpeg-grey"] = flat(pydicom.pixels.pixel_array(here / "ultrasound/jpeg-grey.dcm", raw=True)[..., 0])
write_expected("ultrasound", clips)
