// Fourier transforms of four lines at once, for fft.ts.
//
// Four lines are transformed at once: element k of lane l lies at `re + 8 * (4 * k + l)`, the imaginary parts 32 * size
// bytes behind the real ones. Scratch holds two such blocks, between which the stages go to and fro.

// @ts-ignore: decorator
@inline
export function at(base: usize, n: i32): usize {
  return base + ((<usize>n) << 3);
}

// @ts-ignore: decorator
@inline
export function get(array: usize, n: i32): f64 {
  return load<f64>(at(array, n));
}

// @ts-ignore: decorator
@inline
export function put(array: usize, n: i32, value: f64): void {
  store<f64>(at(array, n), value);
}

/** Stores (re, im) times the twiddle factor w; `far` is the distance to the imaginary part. */
// @ts-ignore: decorator
@inline
function putTurned(to: usize, far: usize, re: v128, im: v128, wRe: v128, wIm: v128): void {
  v128.store(to, f64x2.sub(f64x2.mul(re, wRe), f64x2.mul(im, wIm)));
  v128.store(to + far, f64x2.add(f64x2.mul(re, wIm), f64x2.mul(im, wRe)));
}

function stage2(x: usize, y: usize, far: usize, rest: i32, stride: i32, twiddles: usize): void {
  const block = (<usize>stride) << 5;
  const apart = <usize>rest * block;
  for (let p = 0; p < rest; p++) {
    const w = twiddles + ((<usize>(p * stride)) << 4);
    const w1Re = v128.load64_splat(w);
    const w1Im = v128.load64_splat(w, 8);
    const end = x + block;
    for (; x < end; x += 16, y += 16) {
      const aRe = v128.load(x);
      const aIm = v128.load(x + far);
      const bRe = v128.load(x + apart);
      const bIm = v128.load(x + apart + far);
      v128.store(y, f64x2.add(aRe, bRe));
      v128.store(y + far, f64x2.add(aIm, bIm));
      putTurned(y + block, far, f64x2.sub(aRe, bRe), f64x2.sub(aIm, bIm), w1Re, w1Im);
    }
    y += block;
  }
}

function stage3(x: usize, y: usize, far: usize, rest: i32, stride: i32, twiddles: usize): void {
  const block = (<usize>stride) << 5;
  const apart = <usize>rest * block;
  const half = f64x2.splat(0.5);
  const sin = f64x2.splat(0.8660254037844386);
  for (let p = 0; p < rest; p++) {
    const w = (<usize>(p * stride)) << 4;
    const w1Re = v128.load64_splat(twiddles + w);
    const w1Im = v128.load64_splat(twiddles + w, 8);
    const w2Re = v128.load64_splat(twiddles + 2 * w);
    const w2Im = v128.load64_splat(twiddles + 2 * w, 8);
    const end = x + block;
    for (; x < end; x += 16, y += 16) {
      const aRe = v128.load(x);
      const aIm = v128.load(x + far);
      const bRe = v128.load(x + apart);
      const bIm = v128.load(x + apart + far);
      const cRe = v128.load(x + 2 * apart);
      const cIm = v128.load(x + 2 * apart + far);
      const tRe = f64x2.add(bRe, cRe);
      const tIm = f64x2.add(bIm, cIm);
      v128.store(y, f64x2.add(aRe, tRe));
      v128.store(y + far, f64x2.add(aIm, tIm));
      const uRe = f64x2.sub(aRe, f64x2.mul(half, tRe));
      const uIm = f64x2.sub(aIm, f64x2.mul(half, tIm));
      const vRe = f64x2.mul(sin, f64x2.sub(bRe, cRe));
      const vIm = f64x2.mul(sin, f64x2.sub(bIm, cIm));
      putTurned(y + block, far, f64x2.add(uRe, vIm), f64x2.sub(uIm, vRe), w1Re, w1Im);
      putTurned(y + 2 * block, far, f64x2.sub(uRe, vIm), f64x2.add(uIm, vRe), w2Re, w2Im);
    }
    y += 2 * block;
  }
}

function stage4(x: usize, y: usize, far: usize, rest: i32, stride: i32, twiddles: usize): void {
  const block = (<usize>stride) << 5;
  const apart = <usize>rest * block;
  for (let p = 0; p < rest; p++) {
    const w = (<usize>(p * stride)) << 4;
    const w1Re = v128.load64_splat(twiddles + w);
    const w1Im = v128.load64_splat(twiddles + w, 8);
    const w2Re = v128.load64_splat(twiddles + 2 * w);
    const w2Im = v128.load64_splat(twiddles + 2 * w, 8);
    const w3Re = v128.load64_splat(twiddles + 3 * w);
    const w3Im = v128.load64_splat(twiddles + 3 * w, 8);
    const end = x + block;
    for (; x < end; x += 16, y += 16) {
      const aRe = v128.load(x);
      const aIm = v128.load(x + far);
      const bRe = v128.load(x + apart);
      const bIm = v128.load(x + apart + far);
      const cRe = v128.load(x + 2 * apart);
      const cIm = v128.load(x + 2 * apart + far);
      const dRe = v128.load(x + 3 * apart);
      const dIm = v128.load(x + 3 * apart + far);
      const acRe = f64x2.add(aRe, cRe);
      const acIm = f64x2.add(aIm, cIm);
      const bdRe = f64x2.add(bRe, dRe);
      const bdIm = f64x2.add(bIm, dIm);
      v128.store(y, f64x2.add(acRe, bdRe));
      v128.store(y + far, f64x2.add(acIm, bdIm));
      const amRe = f64x2.sub(aRe, cRe);
      const amIm = f64x2.sub(aIm, cIm);
      const bmRe = f64x2.sub(bRe, dRe);
      const bmIm = f64x2.sub(bIm, dIm);
      putTurned(y + block, far, f64x2.add(amRe, bmIm), f64x2.sub(amIm, bmRe), w1Re, w1Im);
      putTurned(y + 2 * block, far, f64x2.sub(acRe, bdRe), f64x2.sub(acIm, bdIm), w2Re, w2Im);
      putTurned(y + 3 * block, far, f64x2.sub(amRe, bmIm), f64x2.add(amIm, bmRe), w3Re, w3Im);
    }
    y += 3 * block;
  }
}

function stage5(x: usize, y: usize, far: usize, rest: i32, stride: i32, twiddles: usize): void {
  const block = (<usize>stride) << 5;
  const apart = <usize>rest * block;
  const cos1 = f64x2.splat(0.30901699437494745);
  const cos2 = f64x2.splat(-0.8090169943749475);
  const sin1 = f64x2.splat(0.9510565162951535);
  const sin2 = f64x2.splat(0.5877852522924731);
  for (let p = 0; p < rest; p++) {
    const w = (<usize>(p * stride)) << 4;
    const w1Re = v128.load64_splat(twiddles + w);
    const w1Im = v128.load64_splat(twiddles + w, 8);
    const w2Re = v128.load64_splat(twiddles + 2 * w);
    const w2Im = v128.load64_splat(twiddles + 2 * w, 8);
    const w3Re = v128.load64_splat(twiddles + 3 * w);
    const w3Im = v128.load64_splat(twiddles + 3 * w, 8);
    const w4Re = v128.load64_splat(twiddles + 4 * w);
    const w4Im = v128.load64_splat(twiddles + 4 * w, 8);
    const end = x + block;
    for (; x < end; x += 16, y += 16) {
      const aRe = v128.load(x);
      const aIm = v128.load(x + far);
      const bRe = v128.load(x + apart);
      const bIm = v128.load(x + apart + far);
      const cRe = v128.load(x + 2 * apart);
      const cIm = v128.load(x + 2 * apart + far);
      const dRe = v128.load(x + 3 * apart);
      const dIm = v128.load(x + 3 * apart + far);
      const eRe = v128.load(x + 4 * apart);
      const eIm = v128.load(x + 4 * apart + far);
      const beRe = f64x2.add(bRe, eRe);
      const beIm = f64x2.add(bIm, eIm);
      const cdRe = f64x2.add(cRe, dRe);
      const cdIm = f64x2.add(cIm, dIm);
      v128.store(y, f64x2.add(aRe, f64x2.add(beRe, cdRe)));
      v128.store(y + far, f64x2.add(aIm, f64x2.add(beIm, cdIm)));
      const bmRe = f64x2.sub(bRe, eRe);
      const bmIm = f64x2.sub(bIm, eIm);
      const cmRe = f64x2.sub(cRe, dRe);
      const cmIm = f64x2.sub(cIm, dIm);
      const u1Re = f64x2.add(aRe, f64x2.add(f64x2.mul(cos1, beRe), f64x2.mul(cos2, cdRe)));
      const u1Im = f64x2.add(aIm, f64x2.add(f64x2.mul(cos1, beIm), f64x2.mul(cos2, cdIm)));
      const u2Re = f64x2.add(aRe, f64x2.add(f64x2.mul(cos2, beRe), f64x2.mul(cos1, cdRe)));
      const u2Im = f64x2.add(aIm, f64x2.add(f64x2.mul(cos2, beIm), f64x2.mul(cos1, cdIm)));
      const v1Re = f64x2.add(f64x2.mul(sin1, bmRe), f64x2.mul(sin2, cmRe));
      const v1Im = f64x2.add(f64x2.mul(sin1, bmIm), f64x2.mul(sin2, cmIm));
      const v2Re = f64x2.sub(f64x2.mul(sin2, bmRe), f64x2.mul(sin1, cmRe));
      const v2Im = f64x2.sub(f64x2.mul(sin2, bmIm), f64x2.mul(sin1, cmIm));
      putTurned(y + block, far, f64x2.add(u1Re, v1Im), f64x2.sub(u1Im, v1Re), w1Re, w1Im);
      putTurned(y + 2 * block, far, f64x2.add(u2Re, v2Im), f64x2.sub(u2Im, v2Re), w2Re, w2Im);
      putTurned(y + 3 * block, far, f64x2.sub(u2Re, v2Im), f64x2.add(u2Im, v2Re), w3Re, w3Im);
      putTurned(y + 4 * block, far, f64x2.sub(u1Re, v1Im), f64x2.add(u1Im, v1Re), w4Re, w4Im);
    }
    y += 4 * block;
  }
}

/** Any odd radix. Elements j and radix - j are added and subtracted first, in place; they share cosines and sines. */
function stageOdd(x: usize, y: usize, far: usize, radix: i32, rest: i32, stride: i32, twiddles: usize): void {
  const block = (<usize>stride) << 5;
  const apart = <usize>rest * block;
  const half = radix >> 1;
  const unit = (<usize>(rest * stride)) << 4; // between the twiddles of turns by 1 / radix
  for (let p = 0; p < rest; p++) {
    const w = (<usize>(p * stride)) << 4;
    const end = x + block;
    for (; x < end; x += 16, y += 16) {
      const aRe = v128.load(x);
      const aIm = v128.load(x + far);
      let sumRe = aRe;
      let sumIm = aIm;
      for (let j = 1; j <= half; j++) {
        const b = x + <usize>j * apart;
        const c = x + <usize>(radix - j) * apart;
        const bRe = v128.load(b);
        const bIm = v128.load(b + far);
        const cRe = v128.load(c);
        const cIm = v128.load(c + far);
        const plusRe = f64x2.add(bRe, cRe);
        const plusIm = f64x2.add(bIm, cIm);
        v128.store(b, plusRe);
        v128.store(b + far, plusIm);
        v128.store(c, f64x2.sub(bRe, cRe));
        v128.store(c + far, f64x2.sub(bIm, cIm));
        sumRe = f64x2.add(sumRe, plusRe);
        sumIm = f64x2.add(sumIm, plusIm);
      }
      v128.store(y, sumRe);
      v128.store(y + far, sumIm);
      for (let k = 1; k <= half; k++) {
        let evenRe = aRe;
        let evenIm = aIm;
        let oddRe = f64x2.splat(0);
        let oddIm = f64x2.splat(0);
        let jk = 0;
        for (let j = 1; j <= half; j++) {
          jk += k;
          if (jk >= radix) jk -= radix;
          const cos = v128.load64_splat(twiddles + unit * <usize>jk);
          const sin = v128.load64_splat(twiddles + unit * <usize>jk, 8); // of minus the angle
          const b = x + <usize>j * apart;
          const c = x + <usize>(radix - j) * apart;
          evenRe = f64x2.add(evenRe, f64x2.mul(cos, v128.load(b)));
          evenIm = f64x2.add(evenIm, f64x2.mul(cos, v128.load(b + far)));
          oddRe = f64x2.add(oddRe, f64x2.mul(sin, v128.load(c)));
          oddIm = f64x2.add(oddIm, f64x2.mul(sin, v128.load(c + far)));
        }
        const one = twiddles + w * <usize>k;
        const other = twiddles + w * <usize>(radix - k);
        const oneRe = v128.load64_splat(one);
        const oneIm = v128.load64_splat(one, 8);
        const to = y + <usize>k * block;
        putTurned(to, far, f64x2.sub(evenRe, oddIm), f64x2.add(evenIm, oddRe), oneRe, oneIm);
        const otherRe = v128.load64_splat(other);
        const otherIm = v128.load64_splat(other, 8);
        const last = y + <usize>(radix - k) * block;
        putTurned(last, far, f64x2.add(evenRe, oddIm), f64x2.sub(evenIm, oddRe), otherRe, otherIm);
      }
    }
    y += <usize>(radix - 1) * block;
  }
}

/** Transforms the four lines at the start of `work`; returns where the result is. */
export function transform(size: i32, factors: usize, twiddles: usize, work: usize): usize {
  const far = (<usize>size) << 5;
  let x = work;
  let y = work + 2 * far;
  let rest = size;
  let stride = 1;
  for (let stage = factors; load<i32>(stage) !== 0; stage += 4) {
    const radix = load<i32>(stage);
    rest /= radix;
    if (radix === 4) stage4(x, y, far, rest, stride, twiddles);
    else if (radix === 2) stage2(x, y, far, rest, stride, twiddles);
    else if (radix === 3) stage3(x, y, far, rest, stride, twiddles);
    else if (radix === 5) stage5(x, y, far, rest, stride, twiddles);
    else stageOdd(x, y, far, radix, rest, stride, twiddles);
    stride *= radix;
    const swap = x;
    x = y;
    y = swap;
  }
  return x;
}

/** Sets elements `length` to `size - 1` of all four lanes, real and imaginary, to zero. */
export function clearTail(work: usize, length: i32, size: i32): void {
  const far = (<usize>size) << 5;
  const bytes = (<usize>(size - length)) << 5;
  memory.fill(work + ((<usize>length) << 5), 0, bytes);
  memory.fill(work + far + ((<usize>length) << 5), 0, bytes);
}

/** Brings one line into a lane; imaginary parts come from `im`. */
export function gather(re: usize, im: usize, inner: i32, length: i32, work: usize, far: usize): void {
  const step = (<usize>inner) << 3;
  const end = work + ((<usize>length) << 5);
  for (; work < end; work += 32, re += step, im += step) {
    store<f64>(work, load<f64>(re));
    store<f64>(work + far, load<f64>(im));
  }
}

/** Four neighbouring columns at once. */
export function gather4(re: usize, im: usize, inner: i32, length: i32, work: usize, far: usize): void {
  const step = (<usize>inner) << 3;
  const end = work + ((<usize>length) << 5);
  for (; work < end; work += 32, re += step, im += step) {
    v128.store(work, v128.load(re));
    v128.store(work, v128.load(re, 16), 16);
    v128.store(work + far, v128.load(im));
    v128.store(work + far, v128.load(im, 16), 16);
  }
}

export function scatter(re: usize, im: usize, inner: i32, length: i32, result: usize, far: usize): void {
  const step = (<usize>inner) << 3;
  const end = result + ((<usize>length) << 5);
  for (; result < end; result += 32, re += step, im += step) {
    store<f64>(re, load<f64>(result));
    store<f64>(im, load<f64>(result + far));
  }
}

export function scatter4(re: usize, im: usize, inner: i32, length: i32, result: usize, far: usize): void {
  const step = (<usize>inner) << 3;
  const end = result + ((<usize>length) << 5);
  for (; result < end; result += 32, re += step, im += step) {
    v128.store(re, v128.load(result));
    v128.store(re, v128.load(result, 16), 16);
    v128.store(im, v128.load(result + far));
    v128.store(im, v128.load(result + far, 16), 16);
  }
}

// @ts-ignore: decorator
@inline
export function startOf(line: i32, inner: i32, length: i32): i32 {
  return (line / inner) * length * inner + (line % inner);
}
