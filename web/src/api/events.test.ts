import { describe, expect, it } from 'vitest';
import { EventParser, openEvents, type LiveEvent } from './events';

describe('the parser', () => {
  it('takes events however the text is cut', () => {
    const text = 'retry: 50\nevent: tarea\nid: a-1\ndata: {"x":1}\n\n: a comment\n\ndata: one\ndata: two\r\n\n';
    for (let cut = 1; cut < text.length; ++cut) {
      const parser = new EventParser();
      const events = [...parser.take(text.slice(0, cut)), ...parser.take(text.slice(cut))];
      expect(events).toEqual([
        { name: 'tarea', data: '{"x":1}', id: 'a-1' },
        { name: 'message', data: 'one\ntwo', id: 'a-1' },
      ]);
      expect(parser.retryMilliseconds).toBe(50);
    }
  });
  it('gives no event that is not whole', () => {
    expect(new EventParser().take('event: tarea\ndata: {}\n')).toEqual([]);
  });
});

// Runs through the answers, then closes; gives what was asked and heard.
async function listen(answers: (() => Response | Promise<never>)[]) {
  const asked: (string | undefined)[] = [];
  const heard: LiveEvent[] = [];
  const states: boolean[] = [];
  const pauses: number[] = [];
  let signedOut = 0;
  await new Promise<void>((resolve) => {
    const close = openEvents({
      onEvent: (event) => heard.push(event),
      onState: (connected) => states.push(connected),
      onSignedOut: () => {
        ++signedOut;
        resolve();
      },
      send: async (_url, init) => {
        asked.push((init?.headers as Record<string, string>)['Last-Event-ID']);
        return answers[asked.length - 1]!();
      },
      wait: async (pause) => {
        pauses.push(pause);
        if (asked.length < answers.length) return;
        close();
        resolve();
      },
    });
  });
  return { asked, heard, states, pauses, signedOut };
}
const stream = (text: string) => () => new Response(text, { headers: { 'Content-Type': 'text/event-stream' } });
const refused = () => Promise.reject(new TypeError('refused'));

describe('the stream', () => {
  it('comes back with the last id that it saw, also after failures', async () => {
    const { asked, heard, states } = await listen([
      stream('id: e-7\nevent: tarea\ndata: 1\n\n'),
      refused,
      () => new Response('busy', { status: 503 }),
      stream('id: e-8\nevent: tarea\ndata: 2\n\n'),
    ]);
    expect(asked).toEqual([undefined, 'e-7', 'e-7', 'e-7']);
    expect(heard.map((event) => event.data)).toEqual(['1', '2']);
    expect(states).toEqual([true, false, false, true]);
  });
  it('waits as long as the server says, and longer each time it fails', async () => {
    const { pauses } = await listen([stream('retry: 100\n\n'), refused, refused, refused]);
    expect(pauses[0]).toBe(100);
    expect(pauses.slice(1)).toEqual([4000, 8000, 16000]);
  });
  it('ends where the session has', async () => {
    const { asked, signedOut } = await listen([() => new Response('', { status: 401 }), stream('')]);
    expect(signedOut).toBe(1);
    expect(asked).toHaveLength(1);
  });
});
