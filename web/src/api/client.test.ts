import { describe, expect, it } from 'vitest';
import { ApiError, Client, withQuery } from './client';

type Sent = { url: string; init: RequestInit & { headers: Record<string, string> } };

// Answers in order; the last one again and again.
function clientOf(...answers: (() => Response)[]): { client: Client; sent: Sent[] } {
  const sent: Sent[] = [];
  const client = new Client(async (url, init) => {
    sent.push({ url: String(url), init: init as Sent['init'] });
    return answers[Math.min(sent.length, answers.length) - 1]!();
  });
  return { client, sent };
}
const json = (body: unknown, status = 200, headers: Record<string, string> = {}) => () =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', ...headers } });
const problem = (status: number, code: string, headers: Record<string, string> = {}) =>
  json({ type: `urn:cofre:problem:${code}`, title: 't', status, detail: 'what was wrong', ayuda: 'what to do' }, status, {
    'Content-Type': 'application/problem+json',
    ...headers,
  });
const failureOf = async (promise: Promise<unknown>): Promise<ApiError> => {
  const failure = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(ApiError);
  return failure as ApiError;
};

describe('requests', () => {
  it('leave out of the query what has no value', () => {
    expect(withQuery('/jobs', { tipo: 'backup', estado: '', empresa: null, limite: 0 })).toBe('/jobs?tipo=backup&limite=0');
    expect(withQuery('/jobs')).toBe('/jobs');
  });
  it('bear the session’s token on changes only', async () => {
    const { client, sent } = clientOf(json({}));
    client.csrf = 'abc';
    await client.get('/today');
    await client.ask('/pause', { method: 'PUT' });
    expect(sent[0]!.init.headers['X-CSRF-Token']).toBeUndefined();
    expect(sent[1]!.init.headers['X-CSRF-Token']).toBe('abc');
  });
  it('say what they change, and which order they repeat', async () => {
    const { client, sent } = clientOf(json({ a: 1 }, 200, { ETag: '"2"' }));
    const answer = await client.ask('/x', { method: 'PATCH', body: { b: 1 }, etag: '"1"', idempotencyKey: 'k' });
    expect(sent[0]!.init.headers).toMatchObject({
      'If-Match': '"1"',
      'Idempotency-Key': 'k',
      'Content-Type': 'application/json',
    });
    expect(answer).toEqual({ body: { a: 1 }, etag: '"2"' });
  });
  it('may be answered with nothing', async () => {
    const { client } = clientOf(() => new Response(null, { status: 204 }));
    expect((await client.ask('/pause', { method: 'PUT' })).body).toBeUndefined();
  });
});

describe('failures', () => {
  it('of the server are its problem', async () => {
    const { client } = clientOf(problem(412, 'changed_meanwhile'));
    const failure = await failureOf(client.get('/x'));
    expect(failure).toMatchObject({ status: 412, code: 'changed_meanwhile', message: 'what was wrong', hint: 'what to do' });
  });
  it('say how long to wait', async () => {
    const { client } = clientOf(problem(429, 'too_many_attempts', { 'Retry-After': '7' }));
    expect((await failureOf(client.get('/x'))).retryAfterSeconds).toBe(7);
  });
  it('of a proxy, with a page of its own, are still failures', async () => {
    const { client } = clientOf(() => new Response('<html>', { status: 502 }));
    expect(await failureOf(client.get('/x'))).toMatchObject({ status: 502, code: 'internal' });
  });
  it('of the network are told apart', async () => {
    const client = new Client(async () => {
      throw new TypeError('failed');
    });
    expect((await failureOf(client.get('/x'))).code).toBe('network');
  });
  it('that end the session are announced, and a wrong password is not one', async () => {
    let ended = 0;
    const { client } = clientOf(problem(401, 'wrong_credentials'), problem(401, 'not_signed_in'));
    client.onSignedOut = () => ++ended;
    await failureOf(client.get('/session'));
    expect(ended).toBe(0);
    await failureOf(client.get('/today'));
    expect(ended).toBe(1);
  });
});
