import { Worker } from 'node:worker_threads';
import { HeapArena, StackArena, type Arena, type KernelArray } from './arena.js';
import { CREW_SOURCE, CONTROL_BYTES, type CrewCall, postCalls } from './crew.js';
import { KernelMemoryError } from './errors.js';
import { TWINS, type ModuleName, type Twins } from './twins.js';
import { WASM } from './wasm/index.js';

type KernelArgument = KernelArray | number;
type Functions<M extends ModuleName> = Twins[M];
type Arguments<M extends ModuleName, F extends keyof Functions<M>> = Functions<M>[F] extends (
  ...args: infer A
) => unknown
  ? A
  : never;

/** One call of a kernel, made but not yet run. */
export interface KernelCall {
  readonly module: ModuleName;
  readonly name: string;
  readonly args: readonly KernelArgument[];
}

/** What runs calls: the compiled kernels or their twins. */
interface Runner {
  readonly kind: 'wasm' | 'typescript';
  readonly threads: number;
  readonly arena: Arena;
  start(calls: readonly KernelCall[]): () => void;
  now(call: KernelCall): number;
  close(): void;
}

/**
 * The hot loops, and the memory they work on. Made by the application, handed down to the libraries; one call at a
 * time.
 */
export class Kernels {
  constructor(private readonly runner: Runner) {}

  get kind(): 'wasm' | 'typescript' {
    return this.runner.kind;
  }

  /** Threads that `run` uses, this one included. */
  get threads(): number {
    return this.runner.threads;
  }

  get arena(): Arena {
    return this.runner.arena;
  }

  /** A call for `run`; its arrays come from the arena. */
  call<M extends ModuleName, F extends keyof Functions<M> & string>(
    module: M,
    name: F,
    ...args: Arguments<M, F>
  ): KernelCall {
    return { module, name, args: args as readonly KernelArgument[] }; // kernels take nothing else
  }

  /**
   * Runs every call, in any order, at the same time on several threads: each must write to arrays that no other one of
   * them touches. Results then never depend on the number of threads.
   */
  run(calls: readonly KernelCall[]): void {
    if (calls.length === 1) this.runner.now(calls[0]);
    else this.runner.start(calls)();
  }

  /**
   * `run` in two steps: the other threads begin at once, and what comes back helps them and waits for the rest. Between
   * the two this thread may do anything, also call kernels on other arrays; a second `start` or `run` begun there does
   * all its work on this thread.
   */
  start(calls: readonly KernelCall[]): () => void {
    return this.runner.start(calls);
  }

  /** Runs one call on this thread; gives what the kernel returns. */
  now<M extends ModuleName, F extends keyof Functions<M> & string>(
    module: M,
    name: F,
    ...args: Arguments<M, F>
  ): number {
    return this.runner.now(this.call(module, name, ...args));
  }

  /** Ends the other threads. Without it they end with the process, and do not keep it alive. */
  close(): void {
    this.runner.close();
  }
}

export interface KernelOptions {
  /** Threads of `run`, this one included; 1 by default. */
  readonly threads?: number;
  /** `wasm` where it can run, else `typescript`; or the one named. */
  readonly kind?: 'wasm' | 'typescript';
}

/** Starts the kernels: compiled where the machine allows it. */
export function createKernels({ threads = 1, kind }: KernelOptions = {}): Kernels {
  if (kind === 'typescript') return new Kernels(new TypeScriptRunner());
  try {
    return new Kernels(new WasmRunner(threads));
  } catch (error) {
    if (kind === 'wasm') throw error;
    return new Kernels(new TypeScriptRunner()); // no room for the address space, or no SIMD: slower, the same numbers
  }
}

function twin(module: ModuleName, name: string): (...args: readonly KernelArgument[]) => number {
  // the types of `call` let only names of the module through
  return (TWINS[module] as unknown as Record<string, (...args: readonly KernelArgument[]) => number>)[name];
}

class TypeScriptRunner implements Runner {
  readonly kind = 'typescript';
  readonly threads = 1;
  readonly arena = new HeapArena();

  start(calls: readonly KernelCall[]): () => void {
    return () => calls.forEach((call) => this.now(call));
  }

  now({ module, name, args }: KernelCall): number {
    return twin(module, name)(...args);
  }

  close(): void {
    // no other thread
  }
}

const PAGE_BYTES = 65536;
const MAX_PAGES = 65536;

class WasmRunner implements Runner {
  readonly kind = 'wasm';
  readonly arena: Arena;
  private readonly memory = new WebAssembly.Memory({ initial: 2, maximum: MAX_PAGES, shared: true });
  /** Every buffer that arrays were handed out on: several objects over the same bytes. */
  private readonly buffers = new WeakSet<ArrayBufferLike>();
  private readonly modules: Partial<Record<ModuleName, WebAssembly.Module>> = {};
  private readonly exports: Partial<Record<ModuleName, Record<string, (...args: number[]) => number>>> = {};
  private crew: Worker[] | null = null;
  /** From `start` until it was joined. */
  private isCrewBusy = false;

  constructor(readonly threads: number) {
    // The first bytes hold the crew's list of calls.
    this.arena = new StackArena({ reserve: (end) => this.reserve(end), owns: (a) => this.owns(a) }, CONTROL_BYTES);
    this.exportsOf('texture'); // fails here where SIMD or threads are missing
  }

  now({ module, name, args }: KernelCall): number {
    return this.exportsOf(module)[name](...args.map((arg) => this.address(arg)));
  }

  start(calls: readonly KernelCall[]): () => void {
    if (this.threads === 1 || calls.length === 0 || this.isCrewBusy)
      return () => calls.forEach((call) => this.now(call));
    return this.startOnCrew(calls);
  }

  close(): void {
    for (const worker of this.crew ?? []) void worker.terminate();
    this.crew = null;
  }

  private startOnCrew(calls: readonly KernelCall[]): () => void {
    this.crew ??= this.startCrew();
    const posted: CrewCall[] = calls.map(({ module, name, args }) => ({
      module: MODULE_NAMES.indexOf(module),
      name: Object.keys(this.exportsOf(module)).indexOf(name),
      args: args.map((arg) => this.address(arg)),
    }));
    this.isCrewBusy = true;
    const join = postCalls(this.memory.buffer, posted, (call) => {
      const functions = Object.values(this.exportsOf(MODULE_NAMES[call.module]));
      functions[call.name](...call.args);
    });
    return () => {
      try {
        join();
      } finally {
        this.isCrewBusy = false;
      }
    };
  }

  private startCrew(): Worker[] {
    for (const name of MODULE_NAMES) this.exportsOf(name);
    const workerData = { memory: this.memory, modules: MODULE_NAMES.map((name) => this.modules[name]) };
    return Array.from({ length: this.threads - 1 }, () => {
      const worker = new Worker(CREW_SOURCE, { eval: true, workerData });
      worker.unref();
      return worker;
    });
  }

  private exportsOf(name: ModuleName): Record<string, (...args: number[]) => number> {
    const known = this.exports[name];
    if (known) return known;
    const module = new WebAssembly.Module(Buffer.from(WASM[name], 'base64'));
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.memory } });
    const functions = Object.fromEntries(Object.entries(exports).filter(([, value]) => typeof value === 'function'));
    this.modules[name] = module;
    this.exports[name] = functions;
    return functions;
  }

  private address(arg: KernelArgument): number {
    if (typeof arg === 'number') return arg;
    if (!this.owns(arg)) throw new KernelMemoryError('an array from elsewhere', 'a kernel', 'Take it from the arena.');
    return arg.byteOffset;
  }

  private owns(array: KernelArray): boolean {
    return this.buffers.has(array.buffer);
  }

  private reserve(end: number): ArrayBufferLike {
    const missing = Math.ceil((end - this.memory.buffer.byteLength) / PAGE_BYTES);
    if (missing > 0) {
      const pages = this.memory.buffer.byteLength / PAGE_BYTES;
      const wanted = Math.min(MAX_PAGES - pages, Math.max(missing, Math.min(pages, 1024)));
      if (wanted < missing) throw tooMuch(end);
      try {
        this.memory.grow(wanted);
      } catch {
        throw tooMuch(end);
      }
    }
    // Growth may give the memory a new buffer later too, when other threads have taken notice.
    const { buffer } = this.memory;
    this.buffers.add(buffer);
    return buffer;
  }
}

const MODULE_NAMES = Object.keys(WASM) as ModuleName[]; // its type says so

function tooMuch(bytes: number): KernelMemoryError {
  return new KernelMemoryError(
    `${Math.round(bytes / 2 ** 20)} MiB do not fit`,
    'the kernels',
    'Resample to a coarser spacing, or crop the image round the region.',
  );
}
