import { ConcordError } from '@concord/errors';

/** More memory than the kernels can hold (4 GiB) was asked for. */
export class KernelMemoryError extends ConcordError {
  readonly code = 'KERNEL_MEMORY';
}
