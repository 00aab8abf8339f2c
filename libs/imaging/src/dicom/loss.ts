import { ImagingError } from '../imaging-error.js';

/** What to say of images that were compressed with loss. @throws {ImagingError} `LOSSY` where the settings refuse them */
export function lossWarning(policy: 'warn' | 'refuse' | undefined, where: string): string {
  const what = 'the images were compressed with loss, which changes texture';
  if (policy !== 'refuse') return what;
  throw new ImagingError('LOSSY', what, where, 'Fetch the images from where they are kept without loss.');
}
