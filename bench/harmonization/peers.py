"""One Python peer on the numbers of a folder: shortest time of the call, peak of memory, mean of the result."""
import contextlib, io, json, resource, sys, time
import numpy as np
import pandas as pd

peer, folder, repeat, eb = sys.argv[1:5]
case = json.load(open(f'{folder}/case.json'))
x = np.fromfile(f'{folder}/values.bin').reshape(case['features'], case['patients'])
batch, age, sex = (np.array(case[key]) for key in ('batch', 'age', 'sex'))
seconds, processor = [], []
with contextlib.redirect_stdout(io.StringIO()):
    for _ in range(int(repeat)):
        if peer == 'pycombat':
            from pycombat import Combat
            y, covariates = x.T.copy(), np.c_[sex, age]
            cpu, start = time.process_time(), time.perf_counter()
            result = Combat().fit_transform(Y=y, b=batch, X=covariates, C=None)
        elif peer == 'neurocombat':
            if not hasattr(np, 'int'):
                np.int = int
            from neuroCombat import neuroCombat
            table = pd.DataFrame({'batch': batch, 'age': age, 'sex': sex})
            cpu, start = time.process_time(), time.perf_counter()
            result = neuroCombat(dat=x, covars=table, batch_col='batch', categorical_cols=['sex'], continuous_cols=['age'], parametric=eb == 'parametric')['data']
        else:
            from neuroHarmonize import harmonizationLearn
            table, y = pd.DataFrame({'SITE': batch, 'age': age, 'sex': sex}), x.T.copy()
            cpu, start = time.process_time(), time.perf_counter()
            result = harmonizationLearn(y, table)[1]
        seconds.append(time.perf_counter() - start)
        processor.append(time.process_time() - cpu)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
json.dump({'seconds': min(seconds), 'processor': min(processor), 'megabytes': peak, 'mean': float(np.mean(result))}, open(f'{folder}/result.json', 'w'))
