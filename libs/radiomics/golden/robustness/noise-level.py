# Noise of an image by the finest diagonal coefficients of a coiflet of order 1 (Chang, Yu and Vetterli 2000), by PyWavelets.
import numpy, pywt
from statistics import NormalDist
nx, ny, nz = 20, 17, 2
state, data = 7, []
for _ in range(nx * ny * nz):
    state = (state * 1103515245 + 12345) % 2147483648
    data.append(state / 2147483648)
image = numpy.array(data).reshape(nz, ny, nx) + numpy.arange(nx) * 3.0
high = numpy.array(pywt.Wavelet('coif1').dec_hi)
sizes = []
for slice_ in image:
    along = numpy.array([numpy.convolve(row, high, 'valid') for row in slice_])
    both = numpy.array([numpy.convolve(column, high, 'valid') for column in along.T])
    sizes.append(numpy.abs(both).ravel())
print(repr(float(numpy.median(numpy.concatenate(sizes)) / NormalDist().inv_cdf(0.75))), pywt.__version__)
