import { join } from 'node:path';

import { describeCalmStudy, type CalmStudy } from './calm.suite.js';
import { describeFaultyStudy } from './faults.suite.js';
import { runBuiltDemo, temporaryFolder } from './lib/installation.js';
import { MemoryWatch } from './lib/memory.js';
import { RecordingProxy } from './lib/recording-proxy.js';
import { describeStudyOnServers } from './servers.suite.js';
import { describeTampering } from './tamper.suite.js';

const folder = temporaryFolder('image-study');
const proxy = new RecordingProxy();
let calm: CalmStudy;

// One study serves every suite: it is what takes the time.
beforeAll(async () => {
  const memory = new MemoryWatch();
  const result = await runBuiltDemo({ out: join(folder.path, 'calm'), routeAgents: (hubUrl) => proxy.start(hubUrl) });
  await result.stop();
  await proxy.stop();
  memory.stop();
  calm = { result, proxy, peakMemoryBytes: memory.peakBytes };
}, 300_000);

afterAll(() => folder.remove());

describeCalmStudy(() => calm);
describeTampering(folder.path, () => calm);
describeFaultyStudy(folder.path, () => calm);
describeStudyOnServers(folder.path, () => calm);
