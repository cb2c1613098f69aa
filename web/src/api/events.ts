// The server's live events. EventSource gives up for good when it is answered with an error, and can't be told where to
// go on then, so the stream is read here: it comes back by itself, with Last-Event-ID, until it is closed.

import { errorOf } from './client';

export interface LiveEvent {
  name: string; // "inicio", "reinicio", "tarea"
  data: string;
  id: string;
}

// Parses text/event-stream as the HTML standard has it; text may be cut anywhere.
export class EventParser {
  lastId = '';
  retryMilliseconds: number | null = null;
  private rest = '';
  private name = '';
  private data: string[] = [];

  take(text: string): LiveEvent[] {
    const events: LiveEvent[] = [];
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const raw of lines) {
      const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
      if (line === '') {
        if (this.data.length) events.push({ name: this.name || 'message', data: this.data.join('\n'), id: this.lastId });
        this.name = '';
        this.data = [];
        continue;
      }
      this.field(line);
    }
    return events;
  }

  private field(line: string): void {
    const colon = line.indexOf(':');
    if (colon === 0) return; // a comment
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') this.name = value;
    else if (name === 'data') this.data.push(value);
    else if (name === 'id') this.lastId = value;
    else if (name === 'retry' && /^\d+$/.test(value)) this.retryMilliseconds = Number(value);
  }
}

export interface StreamOptions {
  onEvent: (event: LiveEvent) => void;
  onState: (connected: boolean) => void;
  onSignedOut: () => void;
  send?: typeof fetch;
  wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

const longestPause = 30_000;

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

async function readAll(response: Response, parser: EventParser, onEvent: (event: LiveEvent) => void): Promise<void> {
  const reader = response.body!.getReader();
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    for (const event of parser.take(decoder.decode(value, { stream: true }))) onEvent(event);
  }
}

// Returns how to close it.
export function openEvents(options: StreamOptions): () => void {
  const closing = new AbortController();
  const send = options.send ?? ((...given: Parameters<typeof fetch>) => fetch(...given));
  const wait = options.wait ?? sleep;
  void (async () => {
    let lastId = '';
    let failures = 0;
    while (!closing.signal.aborted) {
      const parser = new EventParser();
      parser.lastId = lastId;
      let pause = 2000;
      try {
        const response = await send('/api/v1/events', {
          headers: { Accept: 'text/event-stream', ...(lastId ? { 'Last-Event-ID': lastId } : {}) },
          credentials: 'same-origin',
          cache: 'no-store',
          signal: closing.signal,
        });
        if (response.status === 401) return options.onSignedOut();
        if (!response.ok || !response.body) throw await errorOf(response);
        failures = 0;
        options.onState(true);
        await readAll(response, parser, options.onEvent);
      } catch {
        ++failures;
      }
      lastId = parser.lastId;
      pause = Math.min((parser.retryMilliseconds ?? pause) * 2 ** Math.min(failures, 5), longestPause);
      if (closing.signal.aborted) return;
      if (failures) options.onState(false);
      await wait(pause, closing.signal);
    }
  })();
  return () => closing.abort();
}
