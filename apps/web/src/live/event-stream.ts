/** One server-sent event: its name and its data, lines joined. */
export interface ServerEvent {
  readonly name: string;
  readonly data: string;
}

/**
 * Takes a stream of server-sent events apart. `EventSource` cannot send the token, hence `fetch` and this.
 *
 * @param chunks text as it arrives, cut anywhere
 * @see WHATWG HTML, 9.2.6 "Interpreting an event stream"; `id` and `retry` are not used by the hub
 */
export async function* readEvents(chunks: AsyncIterable<string>): AsyncGenerator<ServerEvent> {
  let rest = '';
  for await (const chunk of chunks) {
    // A carriage return may be the first half of a line end that is still on its way.
    const text = (rest + chunk).replace(/\r\n/g, '\n').replace(/\r(?!$)/g, '\n');
    const blocks = text.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = parseBlock(block);
      if (event !== null) yield event;
    }
  }
}

/** @returns null for a comment, which keeps the connection open and says nothing */
function parseBlock(block: string): ServerEvent | null {
  let name = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon === 0) continue;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') name = value;
    if (field === 'data') data.push(value);
  }
  return data.length === 0 && name === 'message' ? null : { name, data: data.join('\n') };
}
