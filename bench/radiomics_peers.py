"""Times one peer on one case: python radiomics_peers.py PEER IMAGE MASK SPACING|native REPEATS. Prints one JSON line.

"first" is the first call in this process, "warm" the least of the later ones; import and reading are apart.
Fixed bins of 25 HU; shape, first order and texture families, as each package groups them.
"""
import json
import sys
import time
from importlib.metadata import version

peer, image_path, mask_path, spacing_text, repeats = sys.argv[1:]
spacing = None if spacing_text == "native" else [float(spacing_text)] * 3
start = time.perf_counter()


def pyradiomics():
    import SimpleITK as sitk
    from radiomics import featureextractor, setVerbosity

    setVerbosity(60)
    settings = {"binWidth": 25, "interpolator": "sitkLinear"}
    if spacing:
        settings["resampledPixelSpacing"] = spacing
    extractor = featureextractor.RadiomicsFeatureExtractor(**settings)
    image, mask = sitk.ReadImage(image_path), sitk.ReadImage(mask_path)
    return lambda: extractor.execute(image, mask)


def pictologics():
    from pictologics import RadiomicsPipeline, load_image

    steps = [
        {"step": "discretise", "params": {"method": "FBS", "bin_width": 25, "min_val": -1000}},
        {
            "step": "extract_features",
            "params": {
                "families": ["intensity", "histogram", "morphology", "glcm", "glrlm", "glszm", "ngtdm", "ngldm"],
                "include_spatial_intensity": False,
                "include_local_intensity": False,
            },
        },
    ]
    if spacing:
        steps.insert(0, {"step": "resample", "params": {"new_spacing": spacing, "round_intensities": True}})
    pipeline = RadiomicsPipeline(load_standard=False)
    pipeline.add_config("case", steps)
    image, mask = load_image(image_path), load_image(mask_path)
    return lambda: pipeline.run(image=image, mask=mask, config_names=["case"])["case"]


def zrad():
    from zrad.image import Image
    from zrad.preprocessing import (
        ImageResampler,
        IntensityMaskBuilder,
        MaskResampler,
        Pipeline,
        Resegmenter,
        RoiCropper,
        RoiData,
        TextureDiscretizer,
    )
    from zrad.radiomics import Radiomics

    image = Image.from_nifti(image_path)
    mask = Image.from_nifti_mask(mask_path, image)
    # Without morphology, which holds Moran's I and Geary's C here.
    families = ["intensity_statistics", "intensity_histogram", "glcm", "glrlm", "glszm", "ngtdm", "ngldm"]
    extractor = Radiomics(aggr_dim="3D", aggr_method="AVER")
    resample = [ImageResampler(spacing, "linear", "nearest_integer"), MaskResampler(spacing, "linear", 0.5)] if spacing else []
    steps = [IntensityMaskBuilder(), Resegmenter((-1000, 3000)), RoiCropper(), TextureDiscretizer(bin_size=25)]
    pipeline = Pipeline([(type(step).__name__, step) for step in resample + steps])

    def call():
        return extractor.extract_features(pipeline.apply(RoiData(image=image, morphological_mask=mask)), families=families)

    return call


def mirp():
    import mirp as package

    settings = dict(
        by_slice=False,
        base_discretisation_method="fixed_bin_size",
        base_discretisation_bin_width=25.0,
        base_feature_families=["morphology", "statistics", "ih", "glcm", "rlm", "szm", "ngtdm", "ngldm"],
        resegmentation_intensity_range=[-1000.0, 3000.0],
    )
    if spacing:
        settings["new_spacing"] = spacing[0]
    return lambda: package.extract_features(image=image_path, mask=mask_path, image_modality="CT", **settings)[0].columns


run = {"z-rad": zrad, "mirp": mirp, "pyradiomics": pyradiomics, "pictologics": pictologics}[peer]()
ready = time.perf_counter()
seconds = []
for _ in range(1 + int(repeats)):
    begin = time.perf_counter()
    values = run()
    seconds.append(time.perf_counter() - begin)
print(
    json.dumps(
        {
            "peer": peer,
            "version": version(peer),
            "prepare": ready - start,
            "first": seconds[0],
            "warm": min(seconds[1:] or seconds),
            "values": len(values),
        }
    )
)
