import { httpSender } from './http-request.js';

const settings = { noProxy: null, caFile: null, idleTimeoutMs: 1000 };

describe('httpSender', () => {
  it.each(['proxy.example:3128', 'http://', 'socks5://proxy.example', 'proxy'])(
    'refuses the proxy address "%s" rather than going round the proxy',
    (proxyUrl) => {
      expect(() => httpSender({ ...settings, proxyUrl })).toThrow(/does not begin with http/);
    },
  );

  it('takes a whole address', () => {
    const sender = httpSender({ ...settings, proxyUrl: 'http://proxy.example:3128' });
    expect(sender.send).toBeInstanceOf(Function);
    sender.close();
  });
});
