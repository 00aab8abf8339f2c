"""PET of several makers, in activity, in counts and in SUV, and what MIRP makes of each."""
import warnings

import numpy as np
from mirp.data_import.import_image import import_image
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from common import base, flat, fresh, here, pixels, place, rng, save, write_expected

fresh("pet")
warnings.simplefilter("ignore")
expected = {}
SUV = {
    "bodyWeight": "body_weight",
    "leanBodyMassJames": "lean_body_mass",
    "leanBodyMassJanmahasatian": "lean_body_mass_bmi",
    "bodySurfaceArea": "body_surface_area",
}


def series(name, maker="SIEMENS", units="BQML", change=None, drug=None, slices=2):
    """Two slices of one bed, injected at 10:00 and scanned at 11:01:30; slopes differ."""
    for k in range(slices):
        ds = place(base("128", "PT", f"20.{sum(map(ord, name))}"), 3.0 * k, spacing=(4.0, 4.0), thickness=3.0)
        values = rng.integers(0, 32767, size=(3, 4)).astype("<i2")
        pixels(ds, values, 16, True)
        ds.RescaleSlope, ds.RescaleIntercept = [0.731, 1.25, 0.5][k], 0
        ds.Manufacturer, ds.Units, ds.DecayCorrection, ds.InstanceNumber = maker, units, "START", k + 1
        ds.CorrectedImage = ["NORM", "DTIM", "ATTN", "SCAT", "DECY", "RAN"]
        ds.PatientWeight, ds.PatientSize, ds.PatientSex = "81.5", "1.74", "M"
        ds.SeriesDate = ds.AcquisitionDate = "20200229"
        ds.SeriesTime = ds.AcquisitionTime = "110130.000000"
        ds.FrameReferenceTime, ds.ActualFrameDuration = 0, 120000
        item = Dataset()
        item.RadiopharmaceuticalStartTime, item.RadionuclideTotalDose = "100000.00", "353000000"
        item.RadionuclideHalfLife = "6586.2"
        (drug or (lambda _: None))(item)
        ds.RadiopharmaceuticalInformationSequence = Sequence([item])
        (change or (lambda _, __: None))(ds, k)
        save(ds, f"pet/{name}/{k}.dcm")
    return name


def with_mirp(name, kinds=("bodyWeight",)):
    """MIRP reads the folder and gives SUV, in the order of the slices."""
    result = {}
    for kind in kinds:
        image, = import_image(str(here / "pet" / name))
        image.complete()
        image.load_data(pet_suv_conversion=SUV[kind])
        image.stack_slices()
        result[kind] = flat(image.image_data)
    expected[name] = result


def later(ds, k):
    """Written anew the day after: the series' time is no longer that of the scan."""
    ds.SeriesDate, ds.SeriesTime = "20200301", "090000"
    ds.AcquisitionTime = f"11{5 + 3 * k:02d}00"
    duration, decay = 180.0, np.log(2) / 6586.2
    average = np.log(decay * duration / (1 - np.exp(-decay * duration))) / decay
    ds.ActualFrameDuration = 180000
    ds.FrameReferenceTime = format(1000 * (210 + 180 * k + average), ".9g")


def ge(ds, k):
    later(ds, k)
    block = ds.private_block(0x0009, "GEMS_PETD_01", create=True)
    block.add_new(0x0D, "DT", "20200229110127.00")


def philips(element, factor):
    def change(ds, k):
        ds.private_block(0x7053, "Philips PET Private Group", create=True).add_new(element, "DS", factor)
    return change


def both(ds, k):
    block = ds.private_block(0x7053, "Philips PET Private Group", create=True)
    block.add_new(0x00, "DS", "0.000271")
    block.add_new(0x09, "DS", "1.8")


def sets(**values):
    def change(ds, _=0):
        for key, value in values.items():
            if value is None:
                delattr(ds, key)
            else:
                setattr(ds, key, value)
    return change


def female(ds, k):
    ds.PatientSex, ds.PatientWeight, ds.PatientSize = "F", "63", "1.61"


with_mirp(series("siemens"), SUV)
with_mirp(series("female", change=female), SUV)
with_mirp(series("admin", change=sets(DecayCorrection="ADMIN")))
with_mirp(series("midnight", change=sets(SeriesTime="002000", AcquisitionTime="002000", SeriesDate="20200301", AcquisitionDate="20200301"),
                 drug=sets(RadiopharmaceuticalStartTime="231500")))
with_mirp(series("dated", drug=sets(RadiopharmaceuticalStartDateTime="20200229095812.500000", RadiopharmaceuticalStartTime=None)))
with_mirp(series("rewritten", change=later))
with_mirp(series("ge", "GE MEDICAL SYSTEMS", change=ge))
with_mirp(series("philips-suv", "Philips", "CNTS", change=philips(0x00, "0.000271")))
with_mirp(series("philips-activity", "Philips", "CNTS", change=philips(0x09, "1.8")))
with_mirp(series("stored-james", units="GML", change=sets(SUVType="LBMJAMES128")), SUV)
with_mirp(series("stored-bsa", units="CM2ML"), SUV)


def none(ds, k):
    ds.DecayCorrection, ds.CorrectedImage = "NONE", ["NORM", "ATTN"]
    ds.AcquisitionTime, ds.ActualFrameDuration = f"11{5 + 3 * k:02d}00", 180000


with_mirp(series("not-corrected", change=none))
write_expected("pet", expected)

# --- refused
series("refused/no-weight", change=sets(PatientWeight=None), slices=1)
series("refused/weight-zero", change=sets(PatientWeight="0"), slices=1)
series("refused/no-dose", drug=sets(RadionuclideTotalDose=None), slices=1)
series("refused/dose-in-MBq", drug=sets(RadionuclideTotalDose="353"), slices=1)
series("refused/no-half-life", drug=sets(RadionuclideHalfLife=None), slices=1)
series("refused/no-injection-time", drug=sets(RadiopharmaceuticalStartTime=None), slices=1)
series("refused/no-drug", change=sets(RadiopharmaceuticalInformationSequence=None), slices=1)
series("refused/no-times", change=sets(SeriesTime=None, AcquisitionTime=None), slices=1)
series("refused/long-lived", drug=sets(RadionuclideHalfLife="282240"), slices=1)
series("refused/injected-long-ago", drug=sets(RadiopharmaceuticalStartDateTime="20200101100000", RadiopharmaceuticalStartTime=None), slices=1)
series("refused/counts", units="CNTS", slices=1)
series("refused/no-units", change=sets(Units=""), slices=1)
series("refused/not-attenuation-corrected", change=sets(CorrectedImage=["DECY"]), slices=1)
series("refused/not-decay-corrected", change=sets(CorrectedImage=["ATTN"]), slices=1)
series("refused/no-decay-reference", change=sets(DecayCorrection=None), slices=1)
series("refused/suv-of-unknown-type", units="GML", change=sets(SUVType="IBW"), slices=1)
series("refused/height-in-cm", change=sets(PatientSize="174"), slices=1)
series("refused/no-sex", change=sets(PatientSex="O"), slices=1)
