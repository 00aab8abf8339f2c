import fc from 'fast-check';

import { readEvents, type ServerEvent } from './event-stream.js';

async function all(chunks: readonly string[]): Promise<ServerEvent[]> {
  const events: ServerEvent[] = [];
  async function* stream() {
    yield* chunks;
  }
  for await (const event of readEvents(stream())) events.push(event);
  return events;
}

// As the hub's library writes them: keep-alive comments, named events, an empty one at the end.
const TEXT =
  ':\n\nevent: next\ndata: {"data":{"studyChanged":{"what":["run"]}}}\n\n:\n\ndata: a\r\ndata: b\r\n\r\nevent: complete\ndata:\n\n';
const EVENTS = [
  { name: 'next', data: '{"data":{"studyChanged":{"what":["run"]}}}' },
  { name: 'message', data: 'a\nb' },
  { name: 'complete', data: '' },
];

describe('readEvents', () => {
  it('reads the same events wherever the network cuts the stream', async () => {
    const cuts = fc.array(fc.integer({ min: 0, max: TEXT.length }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(cuts, async (places) => {
        const bounds = [0, ...places.sort((a, b) => a - b), TEXT.length];
        const chunks = bounds.slice(1).map((end, index) => TEXT.slice(bounds[index], end));
        expect(await all(chunks)).toEqual(EVENTS);
      }),
    );
  });

  it('does not report an event that was cut off', async () => {
    expect(await all(['event: next\ndata: 1\n\nevent: next\ndata: 2'])).toEqual([{ name: 'next', data: '1' }]);
  });
});
