"""One slice in every compression: unsigned 12 bits in 16, signed 12 and 16 bits, 8 bits."""
import subprocess

import imagecodecs
import numpy as np
import pydicom
from pydicom.encaps import encapsulate
from pydicom.uid import UID

from common import base, flat, fresh, here, pixels, place, save, smooth, write_expected

fresh("codecs")


def syntax(number):
    return UID("1.2.840.10008.1.2.4." + str(number))


def compressed(ds, name, frames, uid_number):
    ds = pydicom.dcmread(ds)
    ds.PixelData = encapsulate(frames)
    ds["PixelData"].VR, ds["PixelData"].is_undefined_length = "OB", True
    ds.file_meta.TransferSyntaxUID = syntax(uid_number)
    return save(ds, name)


ROWS, COLUMNS = 20, 24
kinds = {
    "unsigned12": (smooth((ROWS, COLUMNS), 0, 4095).astype("<u2"), 12, False),
    "signed12": (smooth((ROWS, COLUMNS), -2048, 2047).astype("<i2"), 12, True),
    "signed16": (smooth((ROWS, COLUMNS), -32768, 32767).astype("<i2"), 16, True),
    "unsigned8": (smooth((ROWS, COLUMNS), 0, 255).astype("u1"), 8, False),
}
expected = {}


def record(path, truth=None):
    """What pydicom reads; lossless codecs must give what was put in."""
    array = pydicom.dcmread(path).pixel_array
    if truth is not None:
        assert np.array_equal(array, truth), path
    expected[str(path.relative_to(here / "codecs"))] = {"values": flat(array), "isLossless": truth is not None}


for kind, (values, stored, signed) in kinds.items():
    ds = pixels(place(base("2", "CT", "10"), 0), values, stored, signed)
    ds.RescaleSlope, ds.RescaleIntercept = 1, 0
    raw = save(ds, f"codecs/{kind}/native.dcm")
    record(raw, values)

    def tool(command, name, truth=values):
        path = here / "codecs" / kind / (name + ".dcm")
        subprocess.run([*command, raw, path], check=True)
        record(path, truth)

    tool(["dcmcrle"], "rle")
    tool(["dcmcjpeg", "+e1"], "jpeg-lossless-sv1")
    for predictor in range(1, 8):
        tool(["dcmcjpeg", "+el", "+sv", str(predictor)], f"jpeg-lossless-{predictor}")
    tool(["gdcmconv", "--jpeg"], "jpeg-lossless-gdcm")
    tool(["dcmcjpls", "+el"], "jpeg-ls")
    if not signed:
        tool(["dcmcjpls", "+en", "+md", "3"], "jpeg-ls-near", None)
    tool(["gdcmconv", "--j2k"], "jpeg-2000-gdcm")
    path = compressed(raw, f"codecs/{kind}/jpeg-2000.dcm",
                      [imagecodecs.jpeg2k_encode(values, codecformat="j2k", reversible=True, level=0, bitspersample=stored)], 90)
    record(path, values)
    path = compressed(raw, f"codecs/{kind}/jpeg-2000-lossy.dcm",
                      [imagecodecs.jpeg2k_encode(values, codecformat="j2k", reversible=False, level=40, bitspersample=stored)], 91)
    record(path)
    for number, name, options in ((201, "htj2k", {}), (202, "htj2k-rpcl", {"resolutions": 3}), (203, "htj2k-lossy", {"reversible": False})):
        options = {"reversible": True, **options}
        path = compressed(raw, f"codecs/{kind}/{name}.dcm", [imagecodecs.htj2k_encode(values, **options)], number)
        record(path, values if options["reversible"] else None)
    if kind == "unsigned8":
        tool(["dcmcjpeg", "+eb"], "jpeg-baseline", None)
    if kind == "unsigned12":
        subprocess.run(["dcmcjpeg", "+ee", raw, here / "codecs" / kind / "jpeg-extended.dcm"], check=True)

# --- a frame whose decoding takes a while: few bytes, many pixels
ds = pixels(place(base("2", "CT", "11"), 0), np.full((6000, 6000), 77, "u1"), 8, False)
slow = [imagecodecs.jpeg2k_encode(ds.pixel_array, codecformat="j2k", reversible=True, level=0)]
ds.PixelData = encapsulate(slow)
ds["PixelData"].VR, ds["PixelData"].is_undefined_length = "OB", True
ds.file_meta.TransferSyntaxUID = syntax(90)
save(ds, "codecs/slow.dcm")

write_expected("codecs", expected)
