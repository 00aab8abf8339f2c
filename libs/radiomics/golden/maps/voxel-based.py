# Voxel-based feature maps of PyRadiomics 3.0.1 on a small image, whose voxels follow from a formula (see maps.spec.ts).
import json, sys, time
import numpy, radiomics, SimpleITK as sitk
from radiomics import featureextractor
radiomics.setVerbosity(60)
nx, ny, nz = 9, 8, 6
spacing = (0.9, 1.2, 2.5)
state, data = 11, []
for _ in range(nx * ny * nz):
    state = (state * 1103515245 + 12345) % 2147483648
    data.append(float(state // 65536 % 160))
image = numpy.array(data).reshape(nz, ny, nx)
k, j, i = numpy.meshgrid(range(nz), range(ny), range(nx), indexing='ij')
ball = (((i - 4) / 3.6) ** 2 + ((j - 3.5) / 3.2) ** 2 + ((k - 2.5) / 2.4) ** 2 <= 1).astype('uint8')
ball[0, 0, 0] = 1
ball[0, 0, 1] = 1
# PyRadiomics gives up the whole MCC map where one voxel has a direction without pairs; in a box none has.
box = ((i > 1) & (i < 7) & (j > 1) & (j < 6) & (k > 0)).astype('uint8')

even = image.copy()
even[:, :, :5] = 10.0  # neighbourhoods of a single level

def run(setting, voxel, region, classes=None, voxels=image):
    mask = {'ball': ball, 'box': box}[region]
    pair = []
    for array in (voxels, mask):
        one = sitk.GetImageFromArray(array)
        one.SetSpacing(spacing)
        pair.append(one)
    params = {'setting': setting, 'voxelSetting': voxel, 'featureClass': classes or {}}
    extractor = featureextractor.RadiomicsFeatureExtractor(params)
    start = time.time()
    result = extractor.execute(pair[0], pair[1], voxelBased=True)
    seconds = time.time() - start
    maps = {}
    for name, value in result.items():
        if not isinstance(value, sitk.Image):
            continue
        whole = sitk.Resample(value, pair[0], sitk.Transform(), sitk.sitkNearestNeighbor, 0.0, sitk.sitkFloat64)
        array = sitk.GetArrayFromImage(whole)
        maps[name] = [None if not numpy.isfinite(x) else float('%.8g' % x) for x in array[mask == 1]]
    print(name, seconds, file=sys.stderr)
    return {'setting': setting, 'voxelSetting': voxel, 'region': region, 'isEven': voxels is even, 'maps': maps}

exact = {'additionalInfo': False}
cases = [
    run({'binWidth': 20, **exact}, {'kernelRadius': 1}, 'ball'),
    run({'binCount': 6, **exact}, {'kernelRadius': 2, 'maskedKernel': False}, 'ball'),
    run({'binWidth': 45, 'force2D': True, **exact}, {'kernelRadius': 1}, 'ball'),
    run({'binWidth': 30, **exact}, {'kernelRadius': 1}, 'box', {'glcm': None}),
    run({'binWidth': 30, 'distances': [1, 2], 'weightingNorm': 'euclidean', **exact}, {'kernelRadius': 2}, 'box', {'glcm': ['Contrast', 'Correlation'], 'glrlm': ['RunEntropy']}),
    run({'binWidth': 30, **exact}, {'kernelRadius': 1}, 'box', {'glcm': None, 'ngtdm': None}, even),
]
print(json.dumps({'pyradiomics': radiomics.__version__, 'cases': cases}))
